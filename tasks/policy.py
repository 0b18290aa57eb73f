"""The project's own task: how a job becomes a Prefect task run."""

from __future__ import annotations

from typing import Any

from prefect import Task, task
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext

from sdtmflow.bundle import OvertakenError
from sdtmflow.errors import RegisterError, StoreError
from sdtmflow.pipeline.pool import perform
from sdtmflow.pipeline.run import Job
from sdtmflow.pipeline.workspace import Artifact

RETRY_DELAYS = [2.0, 10.0]
"""Seconds before the second and the third try."""


def content_key(_context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Prefect's cache key: the step and everything that decides its artifact's bytes."""
    job: Job = parameters["job"]
    return f"{job.step}-{job.key}"


async def is_passing(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether trying again can help: a store or network may recover, a bad file will not."""
    error = await state.aresult(raise_on_failure=False)
    if isinstance(error, OvertakenError):
        return False
    return isinstance(error, RegisterError | StoreError | ConnectionError | TimeoutError)


def step_task(step: str) -> Task[[Job], Artifact]:
    """The task of one step.

    What is persisted is the artifact's reference (step, key, digest) as JSON: never a table, never
    a subject's value. Equal keys give a Cached state; ``submitted`` sees to it that a reference
    whose files are gone or damaged is not believed.
    """
    return task(
        name=step,
        task_run_name="{job.label}",
        cache_key_fn=content_key,
        persist_result=True,
        result_serializer="json",
        retries=len(RETRY_DELAYS),
        retry_delay_seconds=RETRY_DELAYS,
        retry_condition_fn=is_passing,
    )(_perform)


def trusting(step: Task[[Job], Artifact], job: Job) -> Task[[Job], Artifact]:
    """``step``, believing its cache only where the artifact is there and sound."""
    return step.with_options(refresh_cache=job.done() is None)


def _perform(job: Job) -> Artifact:
    return perform(job)
