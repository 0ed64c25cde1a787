"""What Prometheus reads. Names end in their unit; several processes of one machine add up."""

from prometheus_client import Counter, Gauge, Histogram

from core.errors import TransientOutsideError

_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

TURNS = Counter("limitless_turns_total", "Turns that came to an end, by how", ["outcome"])
"""``done``, ``degraded`` (the scripted agent stood in), ``guarded`` (the guard cut in), ``failed``."""
for _outcome in ("done", "degraded", "guarded", "failed"):
    TURNS.labels(_outcome)  # so that each is there before it first happens
FIRST_TOKEN_SECONDS = Histogram(
    "limitless_first_token_seconds", "From the start of a turn to its first token", buckets=_FAST
)
TURN_SECONDS = Histogram("limitless_turn_seconds", "From the start of a turn to its commit", buckets=_FAST)
TURNS_RUNNING = Gauge(
    "limitless_turns_running", "Turns that run in this process now", multiprocess_mode="livesum"
)
TASKS = Gauge("limitless_tasks", "Tasks of the event loop of this process", multiprocess_mode="livesum")
MODEL_ERRORS = Counter(
    "limitless_model_errors_total", "Model calls that failed, their retries included", ["call", "kind"]
)
"""``call`` is ``reply`` or ``reading``; ``kind`` is ``transient``, ``terminal`` or ``timeout``."""
READING_ERRORS = Counter("limitless_reading_errors_total", "Messages that could not be read into fields")
POOL_CONNECTIONS = Gauge(
    "limitless_pool_connections", "Connections to the database", ["state"], multiprocess_mode="livesum"
)
JOBS = Gauge("limitless_jobs", "Jobs in the queue, by status", ["status"], multiprocess_mode="mostrecent")
OLDEST_JOB_SECONDS = Gauge(
    "limitless_oldest_job_seconds",
    "How long the oldest job that could be done has waited",
    multiprocess_mode="mostrecent",
)


def count_model_error(call: str, fault: Exception) -> None:
    """Count a failed call of a model, ``reply`` or ``reading``."""
    kind = "transient" if isinstance(fault, TransientOutsideError) else "terminal"
    MODEL_ERRORS.labels(call, "timeout" if isinstance(fault, TimeoutError) else kind).inc()
