"""Errors as RFC 9457 problem documents, which tell what a client can do and nothing of the inside."""

from src.problems.problem import Problem

__all__ = ["Problem"]
