// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* libFuzzer target: any bytes as a program, up to the bytecode. */
#include <stdio.h>
#include <stdlib.h>

#include "builtins.h"
#include "process.h"
#include "code.h"
#include "thread.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *devnull;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct settings s = {
		.policy = GIL_INTERVAL,
		.lock = GIL_LOCK_COND,
		.interval_ns = 5000000,
		.check_interval = 100,
	};

	(void)argc;
	(void)argv;
	devnull = fopen("/dev/null", "we");
	return !devnull || process_start(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct globals g = { 0 };
	struct syntax_error err;
	struct codeobj *code;
	struct source src;

	source_from(&src, "fuzz", (const char *)data, size);
	code = compile_program(&src, &g, &err);
	if (code) {
		dis_print(devnull, code, &g);
		decref(&code->base);
	} else if (err.line < 1 || err.col < 1) {
		abort();
	}
	globals_free(&g);
	source_free(&src);
	return 0;
}
