/*
 * The tracker: a small process beside a tree of processes that unlinks the tree's named memory when
 * the tree is over, however it ended.
 *
 * It is a program of its own and not a fork of Node's: a fork would keep a copy of whatever the
 * program changes from then on, and this one lives as long as the tree. Whoever first has something
 * to track starts it; a second one finds the socket's name taken and leaves.
 *
 *   LIVING  the main process runs: asleep until somebody says something or it ends
 *   ENDING  it has ended: looks again and again whether any process of the tree still runs, which
 *           it knows from the locks that they hold on the arena's file; children end with their
 *           parents, so that is a matter of milliseconds
 *   OVER    nobody is left who could say anything: takes what was said, unlinks, warns, ends
 *
 * All of it runs in one thread; nothing here is called by the addon.
 */
#ifndef TRACKER_H
#define TRACKER_H

#include <stdbool.h>
#include <stddef.h>

#include "mp_memory.h"

enum { LONGEST_NAME = 255 };

struct segment {
  char identity[MP_IDENTITY];
  char name[LONGEST_NAME + 1];
};

struct table {
  struct segment *segments;
  size_t count;
  size_t capacity;
};

/* Does what a message says: notes a segment, or forgets it. Two may have one name: whoever makes
 * one says so before it has its name, and may find that taken. -EINVAL for another message,
 * -ENOMEM: not noted. */
int table_apply(struct table *table, const char *message);

void table_free(struct table *table);

/* Unlinks what still is what was noted. The text is the warning about it, to be freed by the
 * caller; NULL when there was nothing to unlink, or no memory for a text. */
char *table_unlink(const struct table *table);

struct tree {
  int socket; /* of mp_names_listen */
  int arena;  /* the arena's file */
  int main;   /* a pidfd; -1: has ended */
};

/* Returns when the tree is over. */
void serve(struct tree *tree, struct table *table);

#endif
