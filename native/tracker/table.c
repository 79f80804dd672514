#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracker.h"

enum { FIRST_CAPACITY = 16 };

static bool parse(const char *message, struct segment *segment) {
  if (message[0] != '+' && message[0] != '-') return false;
  const char *identity = message + 1;
  const char *space = strchr(identity, ' ');
  if (space == NULL || (size_t)(space - identity) >= sizeof segment->identity) return false;
  size_t length = strlen(space + 1);
  if (length == 0 || length >= sizeof segment->name) return false;
  memset(segment, 0, sizeof *segment);
  memcpy(segment->identity, identity, (size_t)(space - identity));
  memcpy(segment->name, space + 1, length);
  return true;
}

static struct segment *find(const struct table *table, const struct segment *wanted) {
  for (size_t i = 0; i < table->count; i++) {
    struct segment *segment = &table->segments[i];
    bool is_it = strcmp(segment->identity, wanted->identity) == 0;
    if (is_it && strcmp(segment->name, wanted->name) == 0) return segment;
  }
  return NULL;
}

static int note(struct table *table, const struct segment *segment) {
  if (find(table, segment) != NULL) return 0;
  if (table->count == table->capacity) {
    size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : 2 * table->capacity;
    struct segment *larger = reallocarray(table->segments, capacity, sizeof *larger);
    if (larger == NULL) return -ENOMEM;
    table->segments = larger;
    table->capacity = capacity;
  }
  table->segments[table->count++] = *segment;
  return 0;
}

static void forget(struct table *table, const struct segment *segment) {
  struct segment *present = find(table, segment);
  if (present == NULL) return;
  table->count--;
  size_t behind = table->count - (size_t)(present - table->segments);
  memmove(present, present + 1, behind * sizeof *present); /* in the order of their making */
}

int table_apply(struct table *table, const char *message) {
  struct segment segment;
  if (!parse(message, &segment)) return -EINVAL;
  if (message[0] == '+') return note(table, &segment);
  forget(table, &segment);
  return 0;
}

void table_free(struct table *table) {
  free(table->segments);
  *table = (struct table){0};
}

/* Names may contain anything but a slash and NUL; a warning is one line. */
static void add_name(FILE *stream, const char *name) {
  for (const char *at = name; *at != '\0'; at++) {
    bool is_control = (unsigned char)*at < ' ' || *at == 0x7f;
    (void)fputc(is_control ? '?' : *at, stream); /* failures show when the stream is closed */
  }
}

static size_t unlink_each(const struct table *table, FILE *names) {
  size_t unlinked = 0;
  for (size_t i = 0; i < table->count; i++) {
    const struct segment *segment = &table->segments[i];
    /* -ENOENT, above all: somebody else has unlinked it, or the name is another's by now. */
    if (mp_memory_unlink_same(segment->name, segment->identity) < 0) continue;
    if (names != NULL && unlinked > 0) (void)fputs(", ", names);
    if (names != NULL) add_name(names, segment->name);
    unlinked++;
  }
  return unlinked;
}

static char *warning_about(size_t count, const char *names) {
  char *text = NULL;
  int length = asprintf(
      &text,
      "polyprocess: %zu leaked shared memory segment%s, unlinked now that the program is over: %s "
      "(call unlink() when it is no longer needed, or make it with `track: false`)\n",
      count, count == 1 ? "" : "s", names);
  return length < 0 ? NULL : text;
}

char *table_unlink(const struct table *table) {
  char *names = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&names, &size);
  size_t unlinked = unlink_each(table, stream);
  if (stream == NULL) return NULL;
  bool written = fclose(stream) == 0;
  char *text = written && unlinked > 0 ? warning_about(unlinked, names) : NULL;
  free(names);
  return text;
}
