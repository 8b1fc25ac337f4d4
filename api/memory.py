"""The memory of a process that builds its parts once and then serves for weeks."""

import ctypes
import gc


def settle() -> None:
    """Called once by a process that has built its parts, before it serves.

    The parts stay as long as the process. Walking through them each time that the collector looks
    at everything stopped all threads for a quarter of a second with 2,000 topics. And learning
    used 120 MB for a moment, which the process would keep for good.
    """
    gc.collect()
    gc.freeze()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return  # another C library, which does it by itself or not at all
