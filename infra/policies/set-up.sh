#!/bin/sh
# Two buckets, and a user with its policy for each role; safe to run again.
set -eu
mc alias set store http://minio:9000 root "$MINIO_PASSWORD"
mc mb --ignore-existing --with-lock store/trials       # Object Lock implies versioning
mc mb --ignore-existing store/trials-claims            # never versioned: claims must be atomic

user() { # role, password
  mc admin policy create store "sdtmflow-$1" "/policies/$1.json"
  mc admin user add store "$1" "$2"
  mc admin policy attach store "sdtmflow-$1" --user "$1" || true # attached before
}
user publisher "$PUBLISHER_PASSWORD"
user reader "$READER_PASSWORD"
user auditor "$AUDITOR_PASSWORD"
user releaser "$RELEASER_PASSWORD"
user administrator "$ADMINISTRATOR_PASSWORD"
