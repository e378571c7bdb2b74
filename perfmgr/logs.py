"""Logs: one JSON object per line on standard error, with the time in UTC."""

import logging
import sys

import structlog


def set_up(level: str) -> None:
    """Set up structured logging for a process of ours; line breaks in values are escaped by JSON."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
