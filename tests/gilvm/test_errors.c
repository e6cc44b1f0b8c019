// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What gilvm says when something is wrong, and that nothing crashes it. */
#include "run.h"

static const char *write_program(const char *text, size_t len)
{
	const char *path = temp_name("program.py");

	write_file(path, text, len);
	return path;
}

static void run_text(struct result *r, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s", write_program(text, strlen(text)));
	run(r, 30, "%s %s", built("workloads/gilvm"), path);
}

static const struct {
	const char *text;
	int line, col;
	const char *message;
} syntax_errors[] = {
	{ "x = = 1\n", 1, 5, "invalid syntax near '='" },
	{ "a = 1\nif a\n    pass\n", 2, 5, "expected ':'" },
	{ "if 1:\npass\n", 2, 1, "expected an indented block" },
	{ "  x = 1\n", 1, 3, "unexpected indent" },
	{ "if 1:\n    a\n  b\n", 3, 3, "unindent does not match" },
	{ "x = 'abc\n", 1, 5, "unterminated string literal" },
	{ "x = \"\"\"abc\n\n", 1, 5, "unterminated string literal" },
	{ "f(1, 2\n", 2, 1, "expected ')'" },
	{ "1 = x\n", 1, 1, "cannot assign to this" },
	{ "f() = 1\n", 1, 1, "cannot assign to this" },
	{ "x = 12345678901234567890\n", 1, 5, "does not fit in 64 bits" },
	{ "x = 9223372036854775808\n", 1, 5, "does not fit in 64 bits" },
	{ "x = 0777\n", 1, 9, "leading zeros" },
	{ "return 1\n", 1, 1, "'return' outside function" },
	{ "break\n", 1, 1, "'break' outside loop" },
	{ "for x in [1]:\n    def f():\n        continue\n", 3, 9,
	  "'continue' not properly in loop" },
	{ "def f(a, a):\n    pass\n", 1, 10, "duplicate argument 'a'" },
	{ "def f(a=1, b):\n    pass\n", 1, 12, "non-default argument" },
	{ "f(a=1, 2)\n", 1, 8, "positional argument follows" },
	{ "f(a=1, a=2)\n", 1, 8, "keyword argument repeated: a" },
	{ "x = f'{'\n", 1, 5, "f-string: expecting '}'" },
	{ "x = f'{}'\n", 1, 5, "f-string: empty expression" },
	{ "x = f'}'\n", 1, 5, "single '}' is not allowed" },
	{ "x = f'{1!z}'\n", 1, 5, "invalid conversion" },
	{ "x = {1: 2}\n", 1, 5, "dicts and sets are not supported" },
	{ "x = lambda: 1\n", 1, 5, "'lambda' is not supported" },
	{ "class A(B):\n    pass\n", 1, 9, "inheritance is not supported" },
	{ "@d\ndef f():\n    pass\n", 1, 1, "decorators are not supported" },
	{ "def f(*a):\n    pass\n", 1, 7, "is not supported" },
	{ "def f():\n    x = 1\n    def g():\n        return x\n", 4, 16,
	  "closures are not supported" },
	{ "x = 5 $ 3\n", 1, 7, "invalid character" },
	{ "import a.b\n", 1, 9, "packages are not supported" },
	{ "try:\n    pass\nx\n", 3, 1, "expected 'except' or 'finally'" },
	{ "x = b'\xc3\xa9'\n", 1, 5, "bytes can only contain ASCII" },
	{ "x = 1 \\ 2\n", 1, 8, "line continuation" },
	{ "del f()\n", 1, 5, "cannot delete this" },
	{ "x = 1__0\n", 1, 6, "invalid decimal literal" },
	{ "a: int: 3\n", 1, 7, "invalid syntax near ':'" },
	{ "x = \"\\ud800\"\n", 1, 13, "illegal Unicode" },
};

static void syntax_errors_name_the_place(void **state)
{
	struct result r;
	char place[64];

	(void)state;
	for (size_t i = 0; i < sizeof(syntax_errors) / sizeof(syntax_errors[0]);
	     i++) {
		run_text(&r, syntax_errors[i].text);
		snprintf(place, sizeof(place), "line %d, column %d\n",
			 syntax_errors[i].line, syntax_errors[i].col);
		if (!strstr(r.err, place) || !strstr(r.err, "SyntaxError: ") ||
		    !strstr(r.err, syntax_errors[i].message))
			fail_msg("%s: wanted %s%s, got %s",
				 syntax_errors[i].text, place,
				 syntax_errors[i].message, r.err);
		assert_int_equal(r.status, 1);
		assert_string_equal(r.out, "");
		result_free(&r);
	}
}

static void traceback_is_like_pythons(void **state)
{
	static const char text[] = "def inner(x):\n"
				   "    return 1 / x\n"
				   "\n"
				   "def outer():\n"
				   "    inner(0)\n"
				   "\n"
				   "print('before')\n"
				   "outer()\n";
	struct result r;
	char want[1024];
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s", write_program(text, strlen(text)));
	snprintf(want, sizeof(want),
		 "Traceback (most recent call last):\n"
		 "  File \"%s\", line 8, in <module>\n    outer()\n"
		 "  File \"%s\", line 5, in outer\n    inner(0)\n"
		 "  File \"%s\", line 2, in inner\n    return 1 / x\n"
		 "ZeroDivisionError: division by zero\n",
		 path, path, path);
	run_text(&r, text);
	assert_string_equal(r.err, want);
	assert_string_equal(r.out, "before\n");
	assert_int_equal(r.status, 1);
	result_free(&r);
}

static void error_in_a_thread_ends_only_that(void **state)
{
	struct result r;

	(void)state;
	run_text(&r, "import threading\n"
		     "def f():\n"
		     "    raise ValueError('from a thread')\n"
		     "t = threading.Thread(target=f)\n"
		     "t.start()\n"
		     "t.join()\n"
		     "print('after')\n");
	assert_non_null(strstr(r.err, "Exception in thread Thread-1 (f):\n"
				      "Traceback"));
	assert_non_null(strstr(r.err, "ValueError: from a thread\n"));
	assert_string_equal(r.out, "after\n");
	assert_int_equal(r.status, 0);
	result_free(&r);
}

static const struct {
	const char *text;
	int status;
	const char *err;
} endings[] = {
	{ "import sys\nsys.exit()\n", 0, "" },
	{ "import sys\nsys.exit(7)\n", 7, "" },
	{ "import sys\nsys.exit('reason')\n", 1, "reason\n" },
	{ "raise SystemExit(3)\n", 3, "" },
	{ "raise KeyboardInterrupt\n", 130, "KeyboardInterrupt\n" },
	{ "import threading, sys\n"
	  "def f():\n    sys.exit(5)\n"
	  "t = threading.Thread(target=f)\nt.start()\nt.join()\n",
	  0, "" },
	{ "x = 9223372036854775807 + 1\n", 1,
	  "OverflowError: int does not fit in 64 bits\n" },
	{ "x = -9223372036854775808 // -1\n", 1, "OverflowError" },
	{ "x = -(-9223372036854775807 - 1)\n", 1, "OverflowError" },
	{ "x = 3 ** 50\n", 1, "OverflowError" },
	{ "x = 1 << 64\n", 1, "OverflowError" },
	{ "x = int('99999999999999999999')\n", 1, "OverflowError" },
	{ "x = int(1e30)\n", 1, "OverflowError" },
	{ "x = 'a' * 10 ** 18\n", 1, "MemoryError" },
	{ "x = [0] * 10 ** 18\n", 1, "MemoryError" },
	{ "def f():\n    f()\nf()\n", 1, "RecursionError" },
	{ "class A:\n    def __repr__(self):\n        return repr(self)\n"
	  "print(A())\n",
	  1, "RecursionError" },
	{ "a = []\nfor i in range(1000):\n    a = [a]\nprint(a)\n", 1,
	  "RecursionError" },
	{ "a = []\nb = []\nfor i in range(1000):\n    a = [a]\n    b = [b]\n"
	  "print(a == b)\n",
	  1, "RecursionError" },
	{ "raise ValueError\n", 1, "ValueError\n" },
	{ "raise\n", 1, "No active exception to reraise" },
	{ "f'{1:>1000000}'\nprint(f'{1:>1000000}')\n", 1, "ValueError" },
	{ "print(f'{1.5:.99999}')\n", 0, "" },
	{ "import time\ntime.sleep(-1)\n", 1, "ValueError" },
	{ "import time\ntime.sleep(1e300)\n", 1, "ValueError" },
	{ "a = [1]\nfor x in a:\n    if len(a) < 100:\n        a.append(x)\n",
	  0, "" },
	{ "a = [1, 2]\na += a\na.extend(a)\nprint(a)\n", 0, "" },
};

static void programs_end_as_they_should(void **state)
{
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		run_text(&r, endings[i].text);
		if (r.status != endings[i].status ||
		    !strstr(r.err, endings[i].err) ||
		    (!endings[i].err[0] && r.err[0]))
			fail_msg("%s: exit status %d, %s", endings[i].text,
				 r.status, r.err);
		result_free(&r);
	}
}

/* n times `open`, then `middle`, then n times `close`. */
static char *nested(const char *open, const char *middle, const char *close,
		    int n)
{
	size_t size =
		(strlen(open) + strlen(close)) * (size_t)n + strlen(middle) + 1;
	char *s = calloc(size, 1);
	char *p = s;

	for (int i = 0; i < n; i++)
		p = stpcpy(p, open);
	p = stpcpy(p, middle);
	for (int i = 0; i < n; i++)
		p = stpcpy(p, close);
	return s;
}

static const struct {
	const char *open, *middle, *close;
	int n;
} deep[] = {
	{ "(", "1", ")", 100000 },     { "[", "", "]", 100000 },
	{ "-", "1", "", 100000 },      { "not ", "1", "", 100000 },
	{ "1+", "1", "", 100000 },     { "1**", "1", "", 100000 },
	{ "f(", "", ")", 100000 },     { "x", "", "[0]", 100000 },
	{ "", "x", ".a", 100000 },     { "1 if 1 else ", "1", "", 100000 },
	{ "1<", "1", "", 100000 },     { "f'{", "1", "}'", 1000 },
	{ "'a' ", "'b'", "", 20000 },  { "1 and ", "1", "", 100000 },
	{ "if 1:\n", "", "", 100000 }, { "[x for x in ", "y", "]", 1000 },
	{ "(1,", "1", ")", 100000 },   { "x=", "1", "", 100000 },
};

static void deep_programs_do_not_crash(void **state)
{
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(deep) / sizeof(deep[0]); i++) {
		char *text = nested(deep[i].open, deep[i].middle, deep[i].close,
				    deep[i].n);

		run_text(&r, text);
		if (r.status > 1)
			fail_msg("%s x %d: exit status %d", deep[i].open,
				 deep[i].n, r.status);
		free(text);
		result_free(&r);
	}
}

static void a_long_chain_is_freed(void **state)
{
	struct result r;

	(void)state;
	run_text(&r, "a = []\n"
		     "for i in range(1000000):\n"
		     "    a = [a]\n"
		     "a = None\n"
		     "class N:\n"
		     "    pass\n"
		     "first = None\n"
		     "for i in range(300000):\n"
		     "    n = N()\n"
		     "    n.next = first\n"
		     "    first = n\n"
		     "first = None\n"
		     "n = None\n"
		     "print('freed')\n");
	assert_int_equal(r.status, 0);
	assert_string_equal(r.out, "freed\n");
	result_free(&r);
}

static void nested_finally_stays_small(void **state)
{
	char text[20000] = "def f():\n";
	struct result r;

	(void)state;
	for (int depth = 1; depth < 60; depth++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%*stry:\n%*sreturn\n%*sfinally:\n", depth, "",
			 depth + 1, "", depth, "");
	strcat(text, "                                                      "
		     "            pass\n");
	run_text(&r, text);
	assert_int_equal(r.status, 1);
	assert_non_null(strstr(r.err, "SyntaxError"));
	result_free(&r);
}

static void odd_bytes_do_not_crash(void **state)
{
	static const char bytes[] = "x = 1\n\0y\xff\xfe\x80";
	char path[256];
	struct result r;

	(void)state;
	snprintf(path, sizeof(path), "%s",
		 write_program(bytes, sizeof(bytes) - 1));
	run(&r, 10, "%s %s", built("workloads/gilvm"), path);
	assert_int_equal(r.status, 1);
	assert_non_null(strstr(r.err, "null byte"));
	result_free(&r);
	run(&r, 10, "%s /bin/sh", built("workloads/gilvm"));
	assert_int_equal(r.status, 1);
	result_free(&r);
}

static const struct {
	const char *args;
	int status;
	const char *err;
} usage[] = {
	{ "", 2, "no program given" },
	{ "--gil=fast x.py", 2, "use interval, ticks, fair or none" },
	{ "--lock=spin x.py", 2, "use sem or cond" },
	{ "--interval=0 x.py", 2, "seconds from" },
	{ "--check=0 x.py", 2, "a number of ticks" },
	{ "--nonsense x.py", 2, "unrecognized option" },
	{ "/nonexistent/x.py", 1,
	  "cannot read /nonexistent/x.py: No such file" },
	{ "/", 1, "cannot read /: Is a directory" },
	{ "--help", 0, "" },
};

static void usage_is_checked(void **state)
{
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(usage) / sizeof(usage[0]); i++) {
		run(&r, 10, "%s %s", built("workloads/gilvm"), usage[i].args);
		if (r.status != usage[i].status || !strstr(r.err, usage[i].err))
			fail_msg("%s: %d %s", usage[i].args, r.status, r.err);
		result_free(&r);
	}
}

static void dis_lists_the_bytecode(void **state)
{
	struct result r;

	(void)state;
	run(&r, 10, "%s --dis workloads/programs/countdown.py",
	    built("workloads/gilvm"));
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(r.out, "\ncountdown:\n"));
	assert_non_null(strstr(r.out, "BINARY_SUB"));
	assert_non_null(strstr(r.out, "POP_JUMP_BACK_TRUE to "));
	assert_non_null(strstr(r.out, "LOAD_CONST         10000000"));
	result_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntax_errors_name_the_place),
		cmocka_unit_test(traceback_is_like_pythons),
		cmocka_unit_test(error_in_a_thread_ends_only_that),
		cmocka_unit_test(programs_end_as_they_should),
		cmocka_unit_test(deep_programs_do_not_crash),
		cmocka_unit_test(a_long_chain_is_freed),
		cmocka_unit_test(nested_finally_stays_small),
		cmocka_unit_test(odd_bytes_do_not_crash),
		cmocka_unit_test(usage_is_checked),
		cmocka_unit_test(dis_lists_the_bytecode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
