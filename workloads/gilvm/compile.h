/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the files of the compiler share. Errors jump out (syntax_fail()). */
#ifndef GILVM_COMPILE_H
#define GILVM_COMPILE_H

#include "code.h"

/* Deepest syntax tree that is compiled; bounds the recursion. */
#define MAX_TREE_DEPTH 1000

/* Instructions of a program; bounds what nested finally blocks multiply. */
#define MAX_INSN (8 << 20)

enum scope_kind { SCOPE_MODULE, SCOPE_FUNCTION, SCOPE_CLASS };

/* A place to jump to; jumps to it are linked through their arguments. */
struct label {
	int at;    /* instruction, or -1 */
	int chain; /* last jump that waits for it, or -1 */
	int rows;  /* last row of the handler table that waits, or -1 */
	int depth; /* of the stack there, or -1 */
};

#define LABEL_INIT                                                             \
	{                                                                      \
		-1, -1, -1, -1                                                 \
	}

enum block_kind {
	BLOCK_LOOP,
	BLOCK_TRY,
	BLOCK_FINALLY,
	BLOCK_WITH,
	BLOCK_HANDLER
};

/* What `return`, `break` and `continue` have to leave, innermost first. */
struct block {
	struct block *outer;
	enum block_kind kind;
	bool is_for;                   /* LOOP: an iterator is on the stack */
	struct label *next, *out;      /* LOOP: continue, break */
	const struct node_list *final; /* FINALLY */
	uint32_t guard_from;           /* start of the guarded instructions */
	bool drops_exc;                /* HANDLER: the exception is there too */
	bool guards;                   /* TRY, FINALLY, WITH, HANDLER */
	struct label *handler;
	int depth; /* of the stack when it is left */
};

/* A local of a comprehension: hides a name while it runs. */
struct hidden {
	struct hidden *outer;
	const char *name;
	int slot;
};

/* One code object that is being built. */
struct scope {
	struct scope *outer;
	enum scope_kind kind;
	struct codeobj *code;
	struct strmap locals;  /* FUNCTION: name -> slot */
	struct strmap globals; /* declared global */
	struct strmap names;   /* name -> index in code->names */
	struct hidden *hidden;
	struct block *block;
	struct strmap consts; /* strings: text -> index in code->consts */
	int cap_insn, cap_consts, cap_names, cap_locals, cap_handlers;
	int depth;
	int line;
};

struct compiler {
	struct scope *scope;
	struct globals *globals;
	const struct source *source;
	struct syntax_error *err;
	int tree_depth;
	int64_t emitted; /* instructions, in all code objects */
};

/* code_build.c */
struct scope *scope_push(struct compiler *c, enum scope_kind kind,
			 const char *name);
/* The finished code; its scope is gone. */
struct codeobj *scope_pop(struct compiler *c);
void emit(struct compiler *c, enum opcode op, int64_t arg);
void emit_jump(struct compiler *c, enum opcode op, struct label *to);
void label_here(struct compiler *c, struct label *l);
uint32_t code_here(const struct compiler *c);
void emit_const(struct compiler *c, struct obj *v); /* takes v over */
int const_index(struct compiler *c, struct obj *v); /* takes v over */
int name_index(struct compiler *c, const char *name);
int add_local(struct compiler *c, const char *name);
void add_handler(struct compiler *c, uint32_t from, uint32_t to,
		 struct label *handler, int depth);
void compile_fail(struct compiler *c, const struct node *at, const char *fmt,
		  ...) __attribute__((format(printf, 3, 4), noreturn));

/* scope.c */
enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_DELETE };
void emit_name(struct compiler *c, const struct node *at, const char *name,
	       enum access how);
/* Find the local names of a body and make slots for them. */
void collect_locals(struct compiler *c, const struct node_list *body);
int global_index(struct globals *g, const char *name);

/* comp_expr.c, comp_call.c */
void compile_expr(struct compiler *c, const struct node *n);
void compile_call(struct compiler *c, const struct node *n);
void compile_listcomp(struct compiler *c, const struct node *n);
void compile_fstring(struct compiler *c, const struct node *n);
/* Jump to l if n is true (or false), else go on. */
void compile_condition(struct compiler *c, const struct node *n, bool when,
		       struct label *l);
/* Store what is on top of the stack. */
void compile_store(struct compiler *c, const struct node *target);

/* comp_stmt.c, comp_block.c */
void compile_body(struct compiler *c, const struct node_list *body);
void compile_stmt(struct compiler *c, const struct node *n);
bool compile_block_stmt(struct compiler *c, const struct node *n);
void compile_try(struct compiler *c, const struct node *n);
void compile_with(struct compiler *c, const struct node *n, int item);
/* Leave all blocks up to and with `last` (NULL: all, for a return; the value
 * is on top of the stack then). */
void unwind_blocks(struct compiler *c, struct block *last, bool has_value);
/* After the jump: what unwind_blocks() left is guarded again. */
void reopen_guards(struct compiler *c, struct block *last);
void push_block(struct compiler *c, struct block *b, enum block_kind kind);
void pop_block(struct compiler *c);
/* From here on (until the block is left) errors go to handler. */
void guard_start(struct compiler *c, struct block *b, struct label *handler,
		 int depth);
void guard_end(struct compiler *c, struct block *b);

#endif
