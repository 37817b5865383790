/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "kernel/ox-loops.h"

/* Which classes of element types a family's loops are made for; see kernel/ox-stamp-binary.def. */
#define OX_IF_FLOAT_FLOAT(...) __VA_ARGS__
#define OX_IF_FLOAT_SMALL(...) __VA_ARGS__
#define OX_IF_FLOAT_INT(...)
#define OX_IF_FLOAT_UINT(...)
#define OX_IF_FLOAT_BOOL(...)
#define OX_IF_FLOAT_COMPLEX(...)
#define OX_IF_FLOAT_STRING(...)

#define OX_IF_INTEGER_FLOAT(...)
#define OX_IF_INTEGER_SMALL(...)
#define OX_IF_INTEGER_INT(...) __VA_ARGS__
#define OX_IF_INTEGER_UINT(...) __VA_ARGS__
#define OX_IF_INTEGER_BOOL(...)
#define OX_IF_INTEGER_COMPLEX(...)
#define OX_IF_INTEGER_STRING(...)

#define OX_IF_NUMBER_FLOAT(...) __VA_ARGS__
#define OX_IF_NUMBER_SMALL(...) __VA_ARGS__
#define OX_IF_NUMBER_INT(...) __VA_ARGS__
#define OX_IF_NUMBER_UINT(...) __VA_ARGS__
#define OX_IF_NUMBER_BOOL(...)
#define OX_IF_NUMBER_COMPLEX(...)
#define OX_IF_NUMBER_STRING(...)

#define OX_IF_SIMPLE_FLOAT(...) __VA_ARGS__
#define OX_IF_SIMPLE_SMALL(...) __VA_ARGS__
#define OX_IF_SIMPLE_INT(...) __VA_ARGS__
#define OX_IF_SIMPLE_UINT(...) __VA_ARGS__
#define OX_IF_SIMPLE_BOOL(...) __VA_ARGS__
#define OX_IF_SIMPLE_COMPLEX(...)
#define OX_IF_SIMPLE_STRING(...)

/* The expression of a signed integer may differ: it must not overflow. */
#define OX_EXPR_FLOAT(e, i) e
#define OX_EXPR_SMALL(e, i) e
#define OX_EXPR_UINT(e, i) e
#define OX_EXPR_BOOL(e, i) e
#define OX_EXPR_INT(e, i) i

#define OX_JOIN_(a, b) a##_##b
#define OX_JOIN(a, b) OX_JOIN_ (a, b)
#define OX_JOIN3_(a, b, c) a##b##_##c
#define OX_JOIN3(a, b, c) OX_JOIN3_ (a, b, c)
#define OX_IF(classes, CLASS) OX_JOIN3 (OX_IF_, classes, CLASS)

/* Arithmetic of signed integers modulo their width. */
#define OX_WRAP_ADD(C, a, b) ((C) ((guint64) (a) + (guint64) (b)))
#define OX_WRAP_SUB(C, a, b) ((C) ((guint64) (a) - (guint64) (b)))
#define OX_WRAP_MUL(C, a, b) ((C) ((guint64) (a) * (guint64) (b)))
