/*
 * Assertions for states that no input can cause. They stay on in release builds.
 * Never use them for anything a client, a file or the operating system can do.
 */
#ifndef BASE_BUG_H
#define BASE_BUG_H

#define bug_if(condition)                                                                          \
    do {                                                                                           \
        if (__builtin_expect(!!(condition), 0)) {                                                  \
            bug_report(#condition, __FILE__, __LINE__);                                            \
        }                                                                                          \
    } while (0)
#define bug_unreachable() bug_report("unreachable", __FILE__, __LINE__)

/** Prints the condition and its place on stderr and aborts. */
_Noreturn void bug_report(const char *condition, const char *file, int line);

/** Aborts because memory ran out; every client-controlled size is bounded before it is allocated. */
_Noreturn void bug_out_of_memory(unsigned long long wanted_bytes);

#endif
