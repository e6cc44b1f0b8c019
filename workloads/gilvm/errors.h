/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Exceptions: the types, raising one from C, traceback. */
#ifndef GILVM_ERRORS_H
#define GILVM_ERRORS_H

#include "object.h"
#include "thread.h"

/* name, parent */
#define EXCEPTIONS(X)                                                          \
	X(BaseException, BaseException)                                        \
	X(SystemExit, BaseException)                                           \
	X(KeyboardInterrupt, BaseException)                                    \
	X(Exception, BaseException)                                            \
	X(ArithmeticError, Exception)                                          \
	X(OverflowError, ArithmeticError)                                      \
	X(ZeroDivisionError, ArithmeticError)                                  \
	X(AssertionError, Exception)                                           \
	X(AttributeError, Exception)                                           \
	X(ImportError, Exception)                                              \
	X(ModuleNotFoundError, ImportError)                                    \
	X(LookupError, Exception)                                              \
	X(IndexError, LookupError)                                             \
	X(KeyError, LookupError)                                               \
	X(MemoryError, Exception)                                              \
	X(NameError, Exception)                                                \
	X(UnboundLocalError, NameError)                                        \
	X(OSError, Exception)                                                  \
	X(BlockingIOError, OSError)                                            \
	X(ChildProcessError, OSError)                                          \
	X(ConnectionError, OSError)                                            \
	X(BrokenPipeError, ConnectionError)                                    \
	X(ConnectionRefusedError, ConnectionError)                             \
	X(ConnectionResetError, ConnectionError)                               \
	X(FileNotFoundError, OSError)                                          \
	X(InterruptedError, OSError)                                           \
	X(PermissionError, OSError)                                            \
	X(ProcessLookupError, OSError)                                         \
	X(TimeoutError, OSError)                                               \
	X(RuntimeError, Exception)                                             \
	X(BrokenBarrierError, RuntimeError)                                    \
	X(NotImplementedError, RuntimeError)                                   \
	X(RecursionError, RuntimeError)                                        \
	X(StopIteration, Exception)                                            \
	X(SyntaxError, Exception)                                              \
	X(TypeError, Exception)                                                \
	X(ValueError, Exception)                                               \
	X(UnicodeDecodeError, ValueError)

#define DECLARE_EXC(name, parent) extern struct type exc_##name;
EXCEPTIONS(DECLARE_EXC)
#undef DECLARE_EXC

/* Where an exception passed through. */
struct tb_entry {
	const struct codeobj *code;
	int line;
};

/* Entries beyond this are dropped from the middle of a traceback. */
#define TB_MAX 64

struct excobj {
	struct obj base;
	struct obj *args; /* tuple */
	int err;          /* errno of an OSError, else 0 */
	int n_tb;
	int tb_dropped;
	struct tb_entry *tb; /* innermost first */
};

/* Names of all exception types, for the table of built-ins. */
void errors_init(void);
struct type *exc_by_name(const char *name);

/* Raise; all return NULL. The message is as for printf(). */
void *err_set(const struct type *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* OSError of errno value err. */
void *err_errno(int err);
/* Raise an exception object; takes the reference over. */
void *err_raise(struct obj *exc);

static inline bool err_pending(void)
{
	return ts_self->exc != NULL;
}
/* Take the pending exception; NULL if there is none. */
struct excobj *err_take(void);
/* Drop the pending exception. */
void err_clear(void);
/* Is the pending exception of type t? */
bool err_is(const struct type *t);

/* Is type t the same as `base`, or derived from it? */
bool exc_derives(const struct type *t, const struct type *base);
bool is_exc(const struct obj *o);
bool is_exc_type(const struct obj *o);

/* The pending exception leaves a frame at this line. */
void err_trace(const struct codeobj *code, int line);

/* Print exc to stderr as Python does, with traceback. */
void err_print(struct excobj *exc);

/* Print the pending exception of a thread, and drop it. */
void err_print_thread(const char *thread_name);

/*
 * End of the program by the pending exception: prints it (SystemExit: only
 * its message) and drops it. Returns the exit status; *interrupted tells that
 * it was a KeyboardInterrupt.
 */
int err_exit_status(bool *interrupted);

#endif
