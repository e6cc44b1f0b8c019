/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The bytecode of the stack machine. An instruction is 32 bits: the operation
 * in the low 8, its argument in the high 24. Each is one tick.
 *
 * name, what the argument is (for --dis), effect on the depth of the stack
 * (VAR: depends on the argument, see op_effect()).
 */
#ifndef GILVM_OPCODES_H
#define GILVM_OPCODES_H

#define OPCODES(X)                                                             \
	X(LOAD_CONST, CONST, 1)                                                \
	X(LOAD_FAST, LOCAL, 1)                                                 \
	X(STORE_FAST, LOCAL, -1)                                               \
	X(DELETE_FAST, LOCAL, 0)                                               \
	X(LOAD_GLOBAL, GLOBAL, 1)                                              \
	X(STORE_GLOBAL, GLOBAL, -1)                                            \
	X(DELETE_GLOBAL, GLOBAL, 0)                                            \
	X(LOAD_NAME, NAME, 1)                                                  \
	X(STORE_NAME, NAME, -1)                                                \
	X(DELETE_NAME, NAME, 0)                                                \
	X(LOAD_ATTR, NAME, 0)                                                  \
	X(STORE_ATTR, NAME, -2)                                                \
	X(DELETE_ATTR, NAME, -1)                                               \
	X(LOAD_METHOD, NAME, 1)                                                \
	X(LOAD_INDEX, NONE, -1)                                                \
	X(STORE_INDEX, NONE, -3)                                               \
	X(DELETE_INDEX, NONE, -2)                                              \
	X(SLICE, NONE, -3)                                                     \
	X(BINARY_ADD, NONE, -1)                                                \
	X(BINARY_SUB, NONE, -1)                                                \
	X(BINARY_MUL, NONE, -1)                                                \
	X(BINARY, BINOP, -1)                                                   \
	X(INPLACE_ADD, NONE, -1)                                               \
	X(NEGATE, NONE, 0)                                                     \
	X(PLUS, NONE, 0)                                                       \
	X(INVERT, NONE, 0)                                                     \
	X(NOT, NONE, 0)                                                        \
	X(COMPARE, CMPOP, -1)                                                  \
	X(CONTAINS, FLAG, -1)                                                  \
	X(IS, FLAG, -1)                                                        \
	X(JUMP, TARGET, 0)                                                     \
	X(JUMP_BACK, TARGET, 0)                                                \
	X(POP_JUMP_FALSE, TARGET, -1)                                          \
	X(POP_JUMP_TRUE, TARGET, -1)                                           \
	X(POP_JUMP_BACK_TRUE, TARGET, -1)                                      \
	X(JUMP_FALSE_OR_POP, TARGET, -1)                                       \
	X(JUMP_TRUE_OR_POP, TARGET, -1)                                        \
	X(GET_ITER, NONE, 0)                                                   \
	X(FOR_ITER, TARGET, 1)                                                 \
	X(BUILD_LIST, COUNT, VAR)                                              \
	X(BUILD_TUPLE, COUNT, VAR)                                             \
	X(BUILD_STRING, COUNT, VAR)                                            \
	X(LIST_APPEND, DEPTH, -1)                                              \
	X(UNPACK, COUNT, VAR)                                                  \
	X(FORMAT, FLAG, VAR)                                                   \
	X(POP, NONE, -1)                                                       \
	X(DUP, NONE, 1)                                                        \
	X(DUP_TWO, NONE, 2)                                                    \
	X(ROT_TWO, NONE, 0)                                                    \
	X(ROT_THREE, NONE, 0)                                                  \
	X(KWNAMES, CONST, 0)                                                   \
	X(CALL, COUNT, VAR)                                                    \
	X(CALL_METHOD, COUNT, VAR)                                             \
	X(RETURN, NONE, -1)                                                    \
	X(MAKE_FUNCTION, CONST, 0)                                             \
	X(MAKE_CLASS, CONST, 1)                                                \
	X(IMPORT, NAME, 1)                                                     \
	X(IMPORT_FROM, NAME, 1)                                                \
	X(RAISE, COUNT, VAR)                                                   \
	X(RERAISE, NONE, -1)                                                   \
	X(PUSH_EXC, NONE, 1)                                                   \
	X(POP_EXC, NONE, -1)                                                   \
	X(MATCH_EXC, NONE, -1)                                                 \
	X(WITH_ENTER, NONE, 1)                                                 \
	X(WITH_EXIT, NONE, -1)                                                 \
	X(WITH_EXC, NONE, 1)

enum opcode {
#define OP_ENUM(name, arg, effect) OP_##name,
	OPCODES(OP_ENUM)
#undef OP_ENUM
		OP_COUNT
};
_Static_assert(OP_COUNT <= 256, "an operation has 8 bits");

#define OP_ARG_MAX ((1u << 24) - 1)

#endif
