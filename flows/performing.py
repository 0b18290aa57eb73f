"""Jobs as task runs: one at a time, or many whose failures do not stop the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from prefect import Task
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, as_completed

from flows.progress import Status, tell
from sdtmflow.pipeline.run import Job
from sdtmflow.pipeline.workspace import Artifact
from tasks.policy import trusting

T = TypeVar("T")
StepTask = Task[[Job], Artifact]


@dataclass(frozen=True, slots=True)
class Performed:
    """A finished job: its artifact, or the error that it failed with."""

    name: str
    step: str
    artifact: Artifact | None
    error: Exception | None

    @property
    def reason(self) -> str:
        """Why it failed, in one line."""
        return str(self.error) if self.error else ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job on its way."""

    name: str
    job: Job
    future: PrefectFuture[Artifact]


def perform(step: StepTask, job: Job) -> Artifact:
    """Run one job now and give its artifact; its error goes through."""
    tell(job.title, job.part, "started")
    state = trusting(step, job)(job, return_state=True)
    performed = _performed(job.label, job, state)
    if performed.artifact is None:
        raise performed.error or RuntimeError(state.message)
    return performed.artifact


def data_of(state: State[Any], kind: type[T]) -> T:
    """What a subflow made; the error that it failed with goes through."""
    data = state.result()
    if not isinstance(data, kind):
        raise TypeError(f"a subflow gave {type(data).__name__}, not {kind.__name__}")
    return data


def submit(step: StepTask, jobs: Mapping[str, Job]) -> list[Submitted]:
    """Start jobs on the flow's task runner."""
    submitted = []
    for name, job in jobs.items():
        tell(job.title, job.part, "started")
        submitted.append(Submitted(name, job, trusting(step, job).submit(job)))
    return submitted


def finished(submitted: list[Submitted]) -> Iterator[Performed]:
    """The jobs as they end, in the order in which they end."""
    by_run = {each.future.task_run_id: each for each in submitted}
    for future in as_completed([each.future for each in submitted]):
        each = by_run[future.task_run_id]
        future.wait()
        yield _performed(each.name, each.job, future.state)


def _performed(name: str, job: Job, state: State[Any]) -> Performed:
    result = state.result(raise_on_failure=False)
    if isinstance(result, Artifact):
        status: Status = "unchanged" if state.name == "Cached" else "done"
        tell(job.title, job.part, status)
        return Performed(name, job.step, result, None)
    error = result if isinstance(result, Exception) else RuntimeError(state.message)
    tell(job.title, job.part, "failed", str(error))
    return Performed(name, job.step, None, error)
