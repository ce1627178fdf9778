"""Runs named checks and counts them; the last line of a script is 'passed failed'."""

import sys
import traceback

passed = failed = 0


def check(name):
    """Runs the decorated function at once; whatever it raises is a failure of that name."""

    def run(function):
        global passed, failed
        try:
            function()
            passed += 1
            print(f"ok      {name}")
        except Exception:  # a check may fail in any way; the count must go on
            failed += 1
            print(f"FAILED  {name}")
            traceback.print_exc(limit=3, file=sys.stdout)
        return function

    return run


def finish():
    print(f"{passed} {failed}")
    sys.exit(1 if failed else 0)
