"""Benchmarks: Pulse's hot paths, each beside a limit measured in the same run. See docs/performance.md."""
