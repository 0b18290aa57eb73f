"""What a study's own derivation says while it sees records is heard by nobody."""

from __future__ import annotations

import logging
import sys
import threading

import pytest

from sdtmflow.mapping.planning.hushing import hushed


def speak(value):
    sys.stdout.write(value)
    sys.stderr.write(value)
    sys.stdout.writelines([value])
    logging.getLogger("study").error("seen: %s", value)
    try:
        {}[value]
    except KeyError:
        logging.getLogger("prefect.task_runs").exception("failed")


def test_nothing_that_is_said_inside_is_shown(capsys, caplog):
    with hushed():
        speak("Jane Doe")
    shown = capsys.readouterr()
    assert "Jane" not in shown.out + shown.err + caplog.text
    assert "not kept" in caplog.text


def test_the_streams_come_back_even_after_a_failure(capsys):
    before = sys.stdout
    with pytest.raises(KeyError), hushed():
        raise KeyError
    assert sys.stdout is before
    sys.stdout.write("heard\n")
    assert capsys.readouterr().out == "heard\n"


def test_other_threads_go_on_speaking(capsys):
    inside, spoken = threading.Event(), threading.Event()

    def derivation():
        with hushed():
            inside.set()
            assert spoken.wait(10)
            sys.stdout.write("a value")

    other = threading.Thread(target=derivation)
    other.start()
    assert inside.wait(10)
    sys.stdout.write("stage site 02 done\n")
    with hushed():
        sys.stdout.write("another value")
    spoken.set()
    other.join()
    sys.stdout.write("done\n")
    assert capsys.readouterr().out == "stage site 02 done\ndone\n"
