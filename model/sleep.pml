/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Sleep and wake between programs and netmapd (src/wire/wire.h):
 *
 *   sender                   worker                     receiver
 *   head moves, bell?  --->  tail = head, armed?  --->  takes up to tail
 *                            else arms bell, sleeps     arms, sleeps
 *
 * Stores wait in the buffer of their processor, as on x86, until it likes or a
 * barrier comes. Claim: when nobody can go on any more, all has been taken. With
 * BROKEN, one step of the handshake is left out, and the claim has to fail.
 */
#ifndef BROKEN
#define BROKEN 0
#endif

#define FRAMES 3

/* Shared memory. */
#define HEAD  0
#define TAIL  1
#define BELL  2
#define ARMED 3
byte mem[4];

bool rung; /* the bell's event is in the worker's epoll */
bool wake; /* something is in the wake of the receiver's line */
byte taken;

chan sender_buf = [2] of { byte, byte };
chan worker_buf = [4] of { byte, byte };
chan receiver_buf = [2] of { byte, byte };

/* The processor brings stores to memory in their order. */
proctype processor(chan buf)
{
	byte at, value;

	do
	:: atomic { buf?at, value -> mem[at] = value }
	od
}

#define STORE(buf, at, value) buf!at, value
#define BARRIER(buf)	      empty(buf)
/* A locked operation is a barrier, too. */
#define XCHG(buf, at, value, old) \
	atomic { empty(buf) -> old = mem[at]; mem[at] = value }

/* The program that sends: tell() and ring_bell() in lib/home/sync.c. */
proctype sender()
{
	byte n, bell;

	do
	:: n < FRAMES ->
		n++;
		STORE(sender_buf, HEAD, n);
#if BROKEN != 1
		BARRIER(sender_buf);
#endif
		bell = mem[BELL];
		if
		:: bell ->
			XCHG(sender_buf, BELL, 0, bell);
			if
			:: bell -> rung = true /* write() to the eventfd */
			:: else
			fi
		:: else
		fi
	:: else -> break
	od
}

/* src/daemon/worker.c and wake_lines() in session.c. */
proctype worker()
{
	byte head, done, armed;

	do
	:: head = mem[HEAD];
	   if
	   :: head != done ->
		/* round_once(): the sync, then the receiver's wake */
		done = head;
		STORE(worker_buf, TAIL, done);
#if BROKEN != 3
		BARRIER(worker_buf);
#endif
		armed = mem[ARMED];
		if
		:: armed ->
			XCHG(worker_buf, ARMED, 0, armed);
			if
			:: armed -> wake = true
			:: else
			fi
		:: else
		fi
	   :: else ->
		/* lie_down() */
		STORE(worker_buf, BELL, 1);
#if BROKEN != 2
		BARRIER(worker_buf);
#endif
		head = mem[HEAD];
		if
		:: head != done -> STORE(worker_buf, BELL, 0)
		:: else ->
			/* hear(): epoll, edge triggered; activate() */
			atomic { rung -> rung = false }
			STORE(worker_buf, BELL, 0)
		fi
	   fi
	od
}

/* The program that receives: sleep_once() in lib/home/pollset.c. */
proctype receiver()
{
	byte tail, old;

	do
	:: tail = mem[TAIL];
	   if
	   :: tail != taken -> taken = tail
	   :: else ->
		/* nmh_session_arm() */
#if BROKEN == 5
		STORE(receiver_buf, ARMED, 1);
#else
		XCHG(receiver_buf, ARMED, 1, old);
#endif
#if BROKEN != 4
		tail = mem[TAIL];
#endif
		if
		:: tail != taken -> skip
		/* nmh_line_drain() */
		:: else -> atomic { wake -> wake = false }
		fi;
		/* nmh_session_disarm() */
		XCHG(receiver_buf, ARMED, 0, old)
	   fi
	od
}

init
{
	atomic {
		run processor(sender_buf);
		run processor(worker_buf);
		run processor(receiver_buf);
		run sender();
		run worker();
		run receiver()
	}
	timeout -> assert(taken == FRAMES)
}
