"""``python -m benchmarks [PART …] [--quick]``: all parts, or those that are named.

A part is a module of this package with ``def main(args: argparse.Namespace) -> None``; its line here makes
it one.
"""

import argparse
from importlib import import_module

PARTS = {
    "chat": "a conversation's turns against their floors: time, CPU, memory, round trips",
    "age": "what a turn costs in an old conversation, and in an organization that has many",
    "models": "what a token costs, client by client",
    "perception": "how often a lead's message is understood without a model",
    "retrieval": "how well and how fast questions are answered from documents",
    "ingestion": "pages a second from a file to knowledge, and the worker's memory",
    "analytics": "what owners wait for at a million conversations, and what counting costs a turn",
}


def main() -> None:
    """Run the parts that were asked for, in their order."""
    listed = "\n".join(f"  {name:<12}{purpose}" for name, purpose in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description=f"parts:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="by default all of them")
    parser.add_argument(
        "--quick", action="store_true", help="one short round: a glance, not a figure to quote"
    )
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    for name in args.parts or PARTS:
        import_module(f"benchmarks.{name}").main(args)


if __name__ == "__main__":
    main()
