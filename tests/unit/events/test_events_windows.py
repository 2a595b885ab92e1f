"""Which window is asked next."""

from partnergate.events.windows import Overlap, Window, first_window, next_window, position_after, tail_window

OVERLAP = Overlap(whole_ms=300_000, tail_ms=15_000)


def test_the_first_window_begins_with_the_history():
    assert first_window(None, 5_000_000, overlap=OVERLAP, size=10) == Window(
        start_ms=0, end_ms=5_000_000, size=10
    )


def test_a_later_window_begins_an_overlap_before_the_cursor():
    assert first_window(4_000_000, 5_000_000, overlap=OVERLAP, size=10).start_ms == 3_700_000


def test_a_window_never_begins_before_1970_or_after_now():
    assert first_window(1, 5, overlap=OVERLAP, size=1).start_ms == 0
    assert first_window(9_000_000, 5_000_000, overlap=OVERLAP, size=1).start_ms == 5_000_000


def test_a_tail_begins_shortly_before_the_last_event_and_never_ahead_of_now():
    assert tail_window(4_000_000, 5_000_000, overlap=OVERLAP, size=1).start_ms == 3_985_000
    assert tail_window(9_000_000, 5_000_000, overlap=OVERLAP, size=1).start_ms == 4_985_000


def test_a_page_that_is_not_full_ends_the_window():
    assert next_window(Window(start_ms=0, end_ms=9, size=3), [1, 2], 3) is None


def test_a_full_page_continues_at_its_last_time_which_may_have_more_events():
    window = Window(start_ms=0, end_ms=9, size=3)
    assert next_window(window, [1, 2, 2], 3) == Window(start_ms=2, end_ms=9, size=3)


def test_a_page_full_of_one_millisecond_is_requested_again_with_a_larger_size():
    window = Window(start_ms=2, end_ms=9, size=3)
    assert next_window(window, [2, 2, 2], 3) == Window(start_ms=2, end_ms=9, size=12)


def test_the_regular_size_returns_after_an_enlarged_page():
    window = Window(start_ms=2, end_ms=9, size=4)
    assert next_window(window, [2, 2, 2, 5], 2) == Window(start_ms=5, end_ms=9, size=2)


def test_a_millisecond_larger_than_any_page_does_not_stop_the_reader():
    window = Window(start_ms=2, end_ms=9, size=100_000)
    assert next_window(window, [2] * 100_000, 3).start_ms == 3


def test_the_cursor_is_one_overlap_before_the_time_of_the_request():
    window = Window(start_ms=0, end_ms=1_000_000, size=3)
    assert position_after(window, [1], requested_ms=1_000_000, overlap=OVERLAP) == 700_000


def test_the_cursor_stops_at_the_last_time_of_a_full_page():
    window = Window(start_ms=0, end_ms=1_000_000, size=2)
    assert position_after(window, [5, 9], requested_ms=1_000_000, overlap=OVERLAP) == 9


def test_the_cursor_is_never_negative():
    assert position_after(Window(start_ms=0, end_ms=10, size=2), [], requested_ms=10, overlap=OVERLAP) == 0
