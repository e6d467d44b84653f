import threading

import pytest

from portal.beside import Beside


def test_work_is_done_by_another_thread_where_a_core_is_free() -> None:
    done = Beside().begun(threading.get_ident)
    assert done() != threading.get_ident()


def test_it_goes_on_while_nobody_asks_for_it() -> None:
    begun = threading.Event()
    made = Beside().begun(begun.set)
    assert begun.wait(60)
    made()


def test_else_whoever_asks_for_it_does_it() -> None:
    done = Beside(is_free=lambda: False).begun(threading.get_ident)
    assert done() == threading.get_ident()


@pytest.mark.parametrize("free", [True, False])
def test_what_it_raises_comes_to_whoever_asks(free: bool) -> None:
    def fails() -> None:
        raise KeyError("x")

    made = Beside(is_free=lambda: free).begun(fails)
    with pytest.raises(KeyError):
        made()
