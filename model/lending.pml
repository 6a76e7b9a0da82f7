/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How a pipe lends slots (src/core/port_pipe.c), no side of which takes a lock:
 *
 *   tx ring [k] buffer  ---txsync-->  rx ring [k] same    rx hwtail
 *   tx hwtail           <--rxsync---  rx ring [k] empty
 *
 * Stores reach memory in any order, but those to one place in theirs; a release
 * comes after all before it. Claim: the receiver sees every frame, once and in
 * order, whatever buffers it exchanges, and what it keeps nobody writes to. With
 * BROKEN, one rule is not kept, and the claim has to fail.
 */
#ifndef BROKEN
#define BROKEN 0
#endif

#define SLOTS  3
#define FRAMES 7

/* Shared memory: buffer numbers in the slots, hwtail of both rings, and what is
 * in each of the buffers 1..4, of which the receiver has one to begin with. */
#define TX_SLOT 0
#define RX_SLOT 3
#define TX_TAIL 6
#define RX_TAIL 7
#define DATA	7 /* of buffer 1 at 8 */
byte mem[12];

byte received;

chan tx_buf = [4] of { byte, byte };
chan rx_buf = [4] of { byte, byte };

#define TO_MEMORY(at) :: atomic { buf??at, value -> mem[at] = value }

proctype processor(chan buf)
{
	byte value;

	do
	TO_MEMORY(0)
	TO_MEMORY(1)
	TO_MEMORY(2)
	TO_MEMORY(3)
	TO_MEMORY(4)
	TO_MEMORY(5)
	TO_MEMORY(6)
	TO_MEMORY(7)
	TO_MEMORY(8)
	TO_MEMORY(9)
	TO_MEMORY(10)
	TO_MEMORY(11)
	od
}

#define STORE(buf, at, value) buf!at, value
#define RELEASE(buf)	      empty(buf)
#define NEXT(k)		      ((k + 1) % SLOTS)

/* The program fills slot k, and txsync() lends it. */
proctype tx()
{
	byte k, n, b;

	do
	:: n < FRAMES ->
		k != mem[TX_TAIL]; /* room */
		b = mem[TX_SLOT + k];
		assert(b != 0);
		n++;
		STORE(tx_buf, DATA + b, n);
		STORE(tx_buf, RX_SLOT + k, b);
#if BROKEN != 1
		RELEASE(tx_buf); /* [B] */
#endif
		k = NEXT(k);
		STORE(tx_buf, RX_TAIL, k)
	:: else -> break
	od
}

/* The program takes what is in slot k, and puts the buffer back, or the one that
 * it had; rxsync() gives it back. */
proctype rx()
{
	byte k, b, spare = 4, kept;

	do
	:: k != mem[RX_TAIL] ->
		b = mem[RX_SLOT + k];
		assert(b != 0);
		received++;
		assert(mem[DATA + b] == received);
		if
		:: skip
		:: kept = received;
		   /* Its own until now, whatever it has written there. */
		   mem[DATA + spare] = 0;
		   b = spare;
		   spare = mem[RX_SLOT + k]
		fi;
		STORE(rx_buf, TX_SLOT + k, b);
		STORE(rx_buf, RX_SLOT + k, 0);
#if BROKEN != 2
		RELEASE(rx_buf); /* [B] */
#endif
#if BROKEN == 3
		STORE(rx_buf, TX_TAIL, NEXT(k));
#else
		STORE(rx_buf, TX_TAIL, k);
#endif
		k = NEXT(k)
	:: kept != 0 -> assert(mem[DATA + spare] == kept); kept = 0
	od
}

init
{
	atomic {
		mem[TX_SLOT] = 1;
		mem[TX_SLOT + 1] = 2;
		mem[TX_SLOT + 2] = 3;
		mem[TX_TAIL] = SLOTS - 1;
		run processor(tx_buf);
		run processor(rx_buf);
		run tx();
		run rx()
	}
	timeout -> assert(received == FRAMES)
}
