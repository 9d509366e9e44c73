/*
 * Turns: of several threads that are about to make the same thing one does, and the others wait until it is
 * there.
 */
#ifndef BASE_TURN_H
#define BASE_TURN_H

#include "base/scope.h"

/* On the stack of the thread whose turn it is. */
struct turn {
    str name; /* of what is made; borrowed */
    struct turn *next;
};

/** Waits until nobody makes what has this name, then it is this thread's turn. Errors: those of scope_check. */
enum err turn_take(struct scope *scope, str name, struct turn *turn) must_check;

/** Ends the turn. */
void turn_give(struct turn *turn);

#endif
