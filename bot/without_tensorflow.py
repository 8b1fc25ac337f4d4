"""Rasa without TensorFlow, which it imports at start and which our pipeline never calls.

Rasa 3.6.21 imports TensorFlow (and Telegram, Slack, Webex and matplotlib) for components that
we do not have. That costs 9 of 14 seconds of every start and 350 of 540 MB. Here the names are
there to be subclassed and annotated with, and nothing behind them: whoever calls one gets an
error that says so. Set `SAHI_BOT_TENSORFLOW=1` to import the real ones.
"""

# ruff: noqa: ARG002  the signatures are importlib's

import importlib.abc
import importlib.machinery
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

LEFT_OUT = (
    "tensorflow", "keras", "tensorflow_addons", "tensorflow_hub", "tensorflow_text",
    "transformers", "jax", "matplotlib", "aiogram", "slack_sdk", "webexteamssdk",
)  # fmt: skip

_sealed = False


class LeftOut(RuntimeError):
    """Something wanted to work with a library that this process leaves out."""


class _Hollow(type):
    """Metaclass: every attribute is the hollow class again; calling it works only as decorator."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not Nothing:
            return super().__call__(*args, **kwargs)
        if _sealed:
            raise LeftOut("this process runs without TensorFlow; see bot/without_tensorflow.py")
        return args[0] if len(args) == 1 and not kwargs and callable(args[0]) else Nothing


class Nothing(metaclass=_Hollow):
    """Stands for every class and function of what is left out."""


class _HollowModule(types.ModuleType):
    __path__: list[str] = []  # noqa: RUF012  what makes it a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".")[0] not in LEFT_OUT:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _HollowModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing in it."""


def install() -> None:
    """Before anything of Rasa is imported."""
    wanted = os.getenv("SAHI_BOT_TENSORFLOW", "") == "1"
    if not wanted and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def seal() -> None:
    """After the imports: from now on a call of what is left out is an error."""
    global _sealed
    _sealed = True
