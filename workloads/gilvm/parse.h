/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the files of the parser share. Errors jump out (syntax_fail()). */
#ifndef GILVM_PARSE_H
#define GILVM_PARSE_H

#include "ast.h"

/* Nesting of brackets and prefix operators, as CPython's limit for brackets. */
#define MAX_NESTING 200

struct parser {
	struct lexer lx;
	struct token t; /* the current token */
	int depth;
	struct arena *arena;
	struct syntax_error *err;
};

/* Go to the next token. */
void parse_next(struct parser *p);
/* Take the current token if it is of this kind. */
bool parse_accept(struct parser *p, enum token_kind kind);
/* The same, or a syntax error. */
void parse_expect(struct parser *p, enum token_kind kind);
/* Error at the current token. */
void parse_fail(struct parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

struct node *node_new(struct parser *p, enum node_kind kind);
/* A node at the place of another. */
struct node *node_at(struct parser *p, enum node_kind kind,
		     const struct node *at);
void list_add(struct parser *p, struct node_list *l, struct node *n);
/* The name that must come now. */
const char *parse_name(struct parser *p);

/* One expression, without commas. */
struct node *parse_expr(struct parser *p);
/* Expressions with commas: a tuple, or the only one. */
struct node *parse_expr_list(struct parser *p);
/* Targets of `for`: like parse_expr_list(), but stops before `in`. */
struct node *parse_targets(struct parser *p);
/* Must be something that can be assigned to; `what` for the message. */
void check_target(struct parser *p, const struct node *n, const char *what);
/* From `(`, `[`, a name or literal to what follows it directly. */
struct node *parse_primary(struct parser *p);
/* The `for ... in ... if ...` of a comprehension of `item`. */
struct node *parse_comprehension(struct parser *p, struct node *item);
/* A run of string literals. */
struct node *parse_strings(struct parser *p);
/* Call arguments, behind `(`. */
void parse_call_args(struct parser *p, struct node *call);

/* One line of statements, or one compound statement. */
void parse_statement(struct parser *p, struct node_list *out);
/* `:` and a body. */
void parse_body(struct parser *p, struct node_list *out);
/* if, while, for, def, class, with, try; NULL: it is none of them. */
struct node *parse_compound(struct parser *p);
struct node *parse_try(struct parser *p);
struct node *parse_def(struct parser *p);
struct node *parse_class(struct parser *p);

#endif
