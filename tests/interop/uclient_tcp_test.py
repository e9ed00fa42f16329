# SPDX-License-Identifier: Apache-2.0
"""turnutils_uclient over TCP to a UDP relay: framing, padding and bursts, without a lost packet."""

import server
from uclient import Call, UclientTest

# -G goes for peers of both families, and for channel numbers by chance, some of which are taken.
EXTRA = "error (400|443) "


class Tcp(UclientTest):
    relay_ports = "62000-62999"
    calls = {
        "client_to_client": Call("-t -y"),
        "client_to_client_without_rtcp": Call("-t -y -c"),
        "client_to_client_by_send_indications": Call("-t -y -s"),
        "client_to_client_ipv6": Call("-t -y -x", host="::1"),
        "client_to_client_on_ipv6_between_ipv4_addresses": Call("-t -y -X", host="::1"),
        "echo": Call("-t"),
        "echo_by_send_indications": Call("-t -s"),
        "echo_ipv6": Call("-t -x", host="::1"),
        "echo_of_an_ipv6_peer_for_an_ipv4_client": Call("-t -x", peer="::1"),
        "dont_fragment": Call("-t -y -g"),
        "extra_requests": Call("-t -y -G", refusals=EXTRA),
        # ChannelData over a stream is padded to four bytes, which its length does not count.
        "one_byte_of_padding": Call("-t -y -l 103"),
        "two_bytes_of_padding": Call("-t -y -l 102"),
        "three_bytes_of_padding": Call("-t -l 101"),
        "largest_messages_of_one_frame": Call("-t -y -l 1400"),
        "many_clients": Call("-t -y", clients=24, messages=50),
        "many_frames_at_once": Call("-t -c", messages=500, interval_ms=0),
        "static_user": Call("-t -y", static_user=True),
        "static_user_by_send_indications": Call("-t -s", static_user=True),
    }


if __name__ == "__main__":
    server.main()
