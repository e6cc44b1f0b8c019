/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tokens, and where errors in the text of a program end up. */
#ifndef GILVM_TOKEN_H
#define GILVM_TOKEN_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* Operators: name, text. Longer ones first where one begins another. */
#define TOKEN_OPS(X)                                                           \
	X(POW_EQ, "**=")                                                       \
	X(FLOOR_EQ, "//=")                                                     \
	X(LSHIFT_EQ, "<<=")                                                    \
	X(RSHIFT_EQ, ">>=")                                                    \
	X(POW, "**")                                                           \
	X(FLOOR, "//")                                                         \
	X(LSHIFT, "<<")                                                        \
	X(RSHIFT, ">>")                                                        \
	X(LE, "<=")                                                            \
	X(GE, ">=")                                                            \
	X(EQ, "==")                                                            \
	X(NE, "!=")                                                            \
	X(ARROW, "->")                                                         \
	X(ADD_EQ, "+=")                                                        \
	X(SUB_EQ, "-=")                                                        \
	X(MUL_EQ, "*=")                                                        \
	X(DIV_EQ, "/=")                                                        \
	X(MOD_EQ, "%=")                                                        \
	X(AND_EQ, "&=")                                                        \
	X(OR_EQ, "|=")                                                         \
	X(XOR_EQ, "^=")                                                        \
	X(ADD, "+")                                                            \
	X(SUB, "-")                                                            \
	X(MUL, "*")                                                            \
	X(DIV, "/")                                                            \
	X(MOD, "%")                                                            \
	X(AND, "&")                                                            \
	X(OR, "|")                                                             \
	X(XOR, "^")                                                            \
	X(INVERT, "~")                                                         \
	X(LT, "<")                                                             \
	X(GT, ">")                                                             \
	X(ASSIGN, "=")                                                         \
	X(LPAREN, "(")                                                         \
	X(RPAREN, ")")                                                         \
	X(LBRACKET, "[")                                                       \
	X(RBRACKET, "]")                                                       \
	X(LBRACE, "{")                                                         \
	X(RBRACE, "}")                                                         \
	X(COMMA, ",")                                                          \
	X(COLON, ":")                                                          \
	X(SEMI, ";")                                                           \
	X(DOT, ".")                                                            \
	X(AT, "@")

#define KEYWORDS(X)                                                            \
	X(AND, "and")                                                          \
	X(AS, "as")                                                            \
	X(ASSERT, "assert")                                                    \
	X(ASYNC, "async")                                                      \
	X(AWAIT, "await")                                                      \
	X(BREAK, "break")                                                      \
	X(CLASS, "class")                                                      \
	X(CONTINUE, "continue")                                                \
	X(DEF, "def")                                                          \
	X(DEL, "del")                                                          \
	X(ELIF, "elif")                                                        \
	X(ELSE, "else")                                                        \
	X(EXCEPT, "except")                                                    \
	X(FALSE, "False")                                                      \
	X(FINALLY, "finally")                                                  \
	X(FOR, "for")                                                          \
	X(FROM, "from")                                                        \
	X(GLOBAL, "global")                                                    \
	X(IF, "if")                                                            \
	X(IMPORT, "import")                                                    \
	X(IN, "in")                                                            \
	X(IS, "is")                                                            \
	X(LAMBDA, "lambda")                                                    \
	X(NONE, "None")                                                        \
	X(NONLOCAL, "nonlocal")                                                \
	X(NOT, "not")                                                          \
	X(OR, "or")                                                            \
	X(PASS, "pass")                                                        \
	X(RAISE, "raise")                                                      \
	X(RETURN, "return")                                                    \
	X(TRUE, "True")                                                        \
	X(TRY, "try")                                                          \
	X(WHILE, "while")                                                      \
	X(WITH, "with")                                                        \
	X(YIELD, "yield")

enum token_kind {
	T_EOF,
	T_NEWLINE,
	T_INDENT,
	T_DEDENT,
	T_NAME,
	T_INT,
	T_FLOAT,
	T_STR,   /* str and len: the value */
	T_BYTES, /* the same */
	T_FSTR,  /* str and len: the text between the quotes */
#define OP_ENUM(n, s) T_##n,
	TOKEN_OPS(OP_ENUM)
#undef OP_ENUM
#define KW_ENUM(n, s) K_##n,
		KEYWORDS(KW_ENUM)
#undef KW_ENUM
};

struct token {
	enum token_kind kind;
	int line, col; /* from 1, col in bytes */
	const char *str;
	size_t len;
	uint64_t i;
	double f;
	bool raw; /* T_FSTR: backslashes stand for themselves */
};

/* The first error found in a program; parsing ends there by a jump. */
struct syntax_error {
	int line, col;
	char message[200];
	jmp_buf bail;
};

void syntax_fail(struct syntax_error *err, int line, int col, const char *fmt,
		 ...) __attribute__((format(printf, 4, 5), noreturn));

#define MAX_INDENT 100

struct lexer {
	const char *at, *end, *line_start;
	int line;
	int col_base; /* of line_start, for the inside of an f-string */
	int parens;   /* open brackets: line ends do not count in them */
	int indent[MAX_INDENT];
	int n_indent;
	int pending; /* dedents to deliver (indents: negative) */
	bool line_begins;
	bool had_token; /* on this line */
	struct arena *arena;
	struct syntax_error *err;
};

/* Start at the beginning of a program. Errors jump to err->bail. */
void lexer_init(struct lexer *lx, struct arena *arena, struct syntax_error *err,
		const char *text, size_t len);

/* Start on an expression inside an f-string. */
void lexer_init_inner(struct lexer *lx, const struct lexer *outer,
		      const char *text, size_t len, int line, int col);

/* The next token; T_EOF again and again at the end. */
void lexer_next(struct lexer *lx, struct token *t);

/* Parts of the lexer in files of their own. */
bool lex_string(struct lexer *lx, struct token *t);
void lex_number(struct lexer *lx, struct token *t);
void lex_fail(struct lexer *lx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/*
 * Resolve the backslashes of n bytes into out (as large as the text); bytes:
 * no \u, no \N. Returns the length.
 */
size_t unescape(struct lexer *lx, const char *s, size_t n, char *out,
		bool bytes);

/* How a token is called in a message. */
const char *token_name(enum token_kind kind);

#endif
