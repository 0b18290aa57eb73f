#!/bin/sh
# Two buckets, two policies, two users; nobody but the administrator may delete.
set -eu
mc alias set store http://minio:9000 administrator "$MINIO_PASSWORD"
mc mb --ignore-existing --with-lock store/trials       # Object Lock implies versioning
mc mb --ignore-existing store/trials-claims            # never versioned: claims must be atomic
for role in publisher reader; do
  mc admin policy create store "sdtmflow-$role" "/policies/$role.json"
done
mc admin user add store publisher "$PUBLISHER_PASSWORD"
mc admin user add store reader "$READER_PASSWORD"
for role in publisher reader; do
  mc admin policy attach store "sdtmflow-$role" --user "$role" || true  # attached before
done
