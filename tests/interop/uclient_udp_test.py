# SPDX-License-Identifier: Apache-2.0
"""turnutils_uclient over UDP: every way to allocate and to send that it knows, without a lost packet.

Left out is -Z: 4.6 asks for its second address by 0x8032, which RFC 8656 §18 has made 0x8000.
"""

import server
from uclient import Call, UclientTest

# -G goes for peers of both families, and for channel numbers by chance, some of which are taken.
EXTRA = "error (400|443) "


class Udp(UclientTest):
    relay_ports = "61000-61999"
    calls = {
        # Two clients of one server, each the other's peer.
        "client_to_client": Call("-y"),
        "client_to_client_without_rtcp": Call("-y -c"),
        "client_to_client_by_send_indications": Call("-y -s"),
        "client_to_client_ipv6": Call("-y -x", host="::1"),
        "client_to_client_ipv6_by_send_indications": Call("-y -x -s", host="::1"),
        "client_to_client_on_ipv6_between_ipv4_addresses": Call("-y -X", host="::1"),
        "client_to_client_on_ipv4_between_ipv6_addresses": Call("-y -x"),
        # An echo that is not on the server.
        "echo": Call(""),
        "echo_by_send_indications": Call("-s"),
        "echo_ipv6": Call("-x", host="::1"),
        "echo_of_an_ipv6_peer_for_an_ipv4_client": Call("-x", peer="::1"),
        "echo_of_an_ipv4_peer_for_an_ipv6_client": Call("-X", host="::1", peer="127.0.0.1"),
        "explicit_ipv4": Call("-X"),
        # Attributes and requests that not every client makes.
        "dont_fragment": Call("-y -g"),
        "dont_fragment_by_send_indications": Call("-s -g"),
        "padded_channel_data": Call("-y -D -l 101"),
        "extra_requests": Call("-y -G", refusals=EXTRA),
        "extra_requests_echo": Call("-G", refusals=EXTRA),
        # Sizes and numbers.
        "smallest_messages": Call("-y -l 17"),
        "largest_messages_of_one_frame": Call("-y -l 1400"),
        "many_clients": Call("-y", clients=24, messages=50),
        "many_echoes": Call("-s", clients=11, messages=50),
        "static_user": Call("-y", static_user=True),
        "static_user_by_send_indications": Call("-s", static_user=True),
    }


if __name__ == "__main__":
    server.main()
