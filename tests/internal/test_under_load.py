"""Copies under load: many threads, many classes, deep chains."""

from __future__ import annotations

import concurrent.futures
import copy
import gc
import linecache
import sys
import threading
import typing

import attrs
import pytest

from hikari_sessions.internal.attr_extensions import with_copy


def make_class() -> typing.Any:
    cls: typing.Any = attrs.make_class("Loaded", ["value", "other"])
    return with_copy(cls)


def test_32_threads_copy_and_decorate_at_once() -> None:
    threads = 32
    start = threading.Barrier(threads)
    shared = make_class()

    def run(number: int) -> None:
        start.wait(30)
        for _ in range(50):
            own = make_class()
            model = own(shared(number, [number]), [number])
            for copier in (copy.copy, copy.deepcopy):
                new = copier(model)
                assert new == model
                assert type(new) is own
            assert copy.deepcopy(model).value.other is not model.value.other
            assert model.__replace__(other=number).other == number

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
def test_the_first_copy_of_a_class_is_made_by_32_threads_at_once(copier: typing.Any) -> None:
    threads, interval = 32, sys.getswitchinterval()
    start = threading.Barrier(threads)

    def run(model: typing.Any) -> bool:
        start.wait(30)
        return bool(copier(model) == model and model.__replace__(other=1).other == 1)

    # So short that a thread stops wherever another one could see something half done.
    sys.setswitchinterval(1e-6)
    try:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            for _ in range(100):
                cls = make_class()
                assert all(pool.map(run, [cls(number, [number]) for number in range(threads)]))
    finally:
        sys.setswitchinterval(interval)


def drop_classes(number: int) -> None:
    """Decorate, copy and drop so many classes."""
    for _ in range(number):
        model = make_class()([1], None)
        assert copy.deepcopy(copy.copy(model)) == model
    gc.collect()


def test_classes_that_are_dropped_leave_nothing_behind() -> None:
    def left() -> tuple[int, int]:
        classes = [found for found in gc.get_objects() if isinstance(found, type) and found.__name__ == "Loaded"]
        return len(classes), len(linecache.cache)

    drop_classes(1)
    classes, sources = left()
    drop_classes(200)
    # What measures coverage holds the last one.
    assert left()[0] <= classes + 1
    assert left()[1] <= sources + 1


@pytest.mark.long
def test_100_000_classes_that_are_dropped_leave_no_memory_behind() -> None:
    drop_classes(500)
    before = sys.getallocatedblocks()
    drop_classes(100_000)
    # Far less than one block for each.
    assert sys.getallocatedblocks() - before < 100


class Chained:
    """What the standard library copies: a link of a chain, by its `__dict__`."""

    def __init__(self, following: Chained | None) -> None:
        self.following = following


def chain(cls: typing.Callable[[typing.Any], typing.Any], length: int) -> typing.Any:
    first = None
    for _ in range(length):
        first = cls(first)
    return first


def length_of(first: typing.Any) -> int:
    length = 0
    while first is not None:
        length, first = length + 1, first.following
    return length


Link: typing.Any = attrs.make_class("Link", ["following"], eq=False, repr=False)
with_copy(Link)


@pytest.mark.parametrize("cls", [Chained, Link])
def test_a_chain_that_is_too_deep_is_a_recursion_error_as_in_the_standard_library(cls: typing.Any) -> None:
    with pytest.raises(RecursionError):
        copy.deepcopy(chain(cls, 10_000))


def test_a_chain_of_10_000_is_copied_where_the_recursion_limit_allows_it() -> None:
    lengths: list[int] = []
    limit = sys.getrecursionlimit()

    def run() -> None:
        sys.setrecursionlimit(100_000)
        lengths.append(length_of(copy.deepcopy(chain(Link, 10_000))))

    stack = threading.stack_size(512 * 1024 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(stack)
        sys.setrecursionlimit(limit)
    assert lengths == [10_000]
