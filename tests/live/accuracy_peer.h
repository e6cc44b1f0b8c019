/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_ACCURACY_PEER_H
#define GILWATCH_TEST_ACCURACY_PEER_H

/*
 * The other side of the socket: sends the moment (CLOCK_REALTIME, ns, decimal)
 * some milliseconds after each answer, and waits for the next one. A process of
 * its own, ended with the test.
 */

/* Start it for one client; returns the TCP port on 127.0.0.1. */
unsigned int accuracy_peer(void);

#endif
