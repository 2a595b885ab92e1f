"""Killed with SIGKILL at random times while it receives usage: acknowledged events are stored exactly once.

``PARTNERGATE_KILLS`` says how often on each database.
"""

import os
import random
import time

from worlds.senders import SIZE, Sender, kept_once, stopped
from worlds.service_process import Service

KILLS = int(os.environ.get("PARTNERGATE_KILLS", "2"))
SENDERS = 2


def test_events_acknowledged_before_a_kill_are_stored_exactly_once_and_rollups_equal_a_rebuild(store_url):
    moments = random.Random(20261124)
    service = Service(store_url, "--open-local")
    senders = [Sender(service, f"s{n}") for n in range(SENDERS)]
    service.start().wait()
    try:
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.01, 0.6))
            service.kill()
            service.start().wait()
        time.sleep(0.3)
    finally:
        acknowledged = stopped(senders)
        service.kill()
    kept = kept_once(store_url, acknowledged, unanswered=SENDERS * SIZE)
    print(
        f"{KILLS} kills: {len(acknowledged):,} acknowledged, {kept:,} kept, none lost, none twice; "
        f"{sum(s.again for s in senders):,} requests cut off or refused and sent again"
    )


def test_two_services_on_one_store_killed_in_turn_keep_each_event_once(store_url):
    """Both get the same events, as when a sender is moved from one to the other."""
    moments = random.Random(20261125)
    services = [Service(store_url, "--open-local") for _ in range(2)]
    senders = [Sender(service, "same") for service in services]
    services[0].start().wait()
    services[1].start().wait()
    try:
        for sender in senders:
            sender.start()
        for number in range(KILLS):
            time.sleep(moments.uniform(0.01, 0.6))
            services[number % 2].kill()
            services[number % 2].start().wait()
        time.sleep(0.3)
    finally:
        acknowledged = stopped(senders)
        for service in services:
            service.kill()
    kept_once(store_url, acknowledged, unanswered=2 * SIZE)
