/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The syntax tree. One node shape for all; which fields count is said at each
 * kind. All nodes live in the parser's arena.
 */
#ifndef GILVM_AST_H
#define GILVM_AST_H

#include "convert.h"
#include "token.h"

enum node_kind {
	/* expressions */
	N_INT,     /* i */
	N_FLOAT,   /* f */
	N_STR,     /* str, len */
	N_BYTES,   /* str, len */
	N_FSTRING, /* l[0]: N_STR and N_FVALUE */
	N_FVALUE,  /* a: value, op: conversion ('r', 's' or 0), b: N_FSTRING of
		    * the format, or NULL */
	N_NONE,
	N_TRUE,
	N_FALSE,
	N_NAME,     /* str */
	N_LIST,     /* l[0] */
	N_TUPLE,    /* l[0] */
	N_LISTCOMP, /* a: item, l[0]: N_COMPFOR */
	N_COMPFOR,  /* a: target, b: source, l[0]: conditions */
	N_BINOP,    /* op (enum binop), a, b */
	N_NEGATE,   /* a */
	N_PLUS,     /* a */
	N_INVERT,   /* a */
	N_NOT,      /* a */
	N_AND,      /* l[0]: two or more */
	N_OR,       /* the same */
	N_COMPARE,  /* l[0]: n operands, ops: n - 1 (enum compare_kind) */
	N_COND,     /* a if b else c */
	N_CALL,     /* a, l[0]: positional, l[1]: N_KEYWORD */
	N_KEYWORD,  /* str, a */
	N_ATTR,     /* a, str */
	N_INDEX,    /* a, b */
	N_SLICE,    /* a, l[0]: start, stop, step, each may be NULL */
	/* statements */
	N_EXPR,      /* a */
	N_ASSIGN,    /* l[0]: targets, a: value */
	N_AUGASSIGN, /* a: target, op, b: value */
	N_ANNOTATE,  /* a: target, b: value or NULL */
	N_RETURN,    /* a or NULL */
	N_RAISE,     /* a or NULL */
	N_IF,        /* l[0]: N_BRANCH, l[1]: else */
	N_BRANCH,    /* a: condition, l[0]: body */
	N_WHILE,     /* a: condition, l[0]: body, l[1]: else */
	N_FOR,       /* a: target, b: source, l[0]: body, l[1]: else */
	N_BREAK,
	N_CONTINUE,
	N_PASS,
	N_GLOBAL,   /* l[0]: N_NAME */
	N_DEL,      /* l[0]: targets */
	N_ASSERT,   /* a, b: message or NULL */
	N_IMPORT,   /* l[0]: N_ALIAS */
	N_FROM,     /* str: module, l[0]: N_ALIAS */
	N_ALIAS,    /* str: name, str2: as */
	N_WITH,     /* l[0]: N_WITHITEM, l[1]: body */
	N_WITHITEM, /* a: manager, b: target or NULL */
	N_TRY,      /* l[0]: body, l[1]: N_HANDLER, l[2]: else, l[3]: finally */
	N_HANDLER,  /* a: type or NULL, str: name or NULL, l[0]: body */
	N_DEF,      /* str: name, l[0]: N_PARAM, l[1]: body */
	N_PARAM,    /* str, a: default or NULL */
	N_CLASS,    /* str: name, l[0]: body */
};

/* Comparisons; the first six are enum cmpop. */
enum compare_kind {
	COMPARE_IN = CMP_COUNT,
	COMPARE_NOT_IN,
	COMPARE_IS,
	COMPARE_IS_NOT
};

struct node;

struct node_list {
	struct node **v;
	int n, cap;
};

struct node {
	enum node_kind kind;
	int line, col;
	int op;
	struct node *a, *b, *c;
	const char *str, *str2;
	size_t len;
	uint64_t i;
	double f;
	unsigned char *ops;
	struct node_list l[4];
};

/*
 * Parse a program into its statements. All memory is in arena. Returns 0, or
 * -1 with err filled in.
 */
int parse_program(struct arena *arena, const char *text, size_t len,
		  struct node_list *out, struct syntax_error *err);

#endif
