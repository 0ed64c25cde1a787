"""OpenTelemetry's traces: request → turn → node of the graph → model call and SQL.

Nothing of it runs, or is imported, unless `start_tracing` is called with an endpoint. Spans carry ids, names,
counts and statements with placeholders; never a text of a lead or of a model, and no value.
"""

from core.tracing.spans import in_span, part, span, start_tracing, trace_id, traced, tracing

__all__ = ["in_span", "part", "span", "start_tracing", "trace_id", "traced", "tracing"]
