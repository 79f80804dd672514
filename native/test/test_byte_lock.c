#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_memory.h"
#include "runner.h"

struct scene {
  int memory;
  _Atomic int ready;
};

static struct scene *new_scene(void) {
  struct scene *scene = shared_page();
  EXPECT_EQUAL(mp_memory_create("polyprocess-test", &scene->memory), 0);
  return scene;
}

static void hold_for_ever(void *argument) {
  struct scene *scene = argument;
  EXPECT_EQUAL(mp_byte_lock(scene->memory, 5), 0);
  EXPECT_EQUAL(mp_byte_lock(scene->memory, 5), 0); /* again by its owner: no matter */
  scene->ready = 1;
  for (;;) (void)pause(); /* until killed */
}

static void dies_with_its_owner(void) {
  struct scene *scene = new_scene();
  pid_t owner = -1;
  pid_t child = start_child(hold_for_ever, scene);
  while (!scene->ready) sleep_milliseconds(1);
  EXPECT_EQUAL(mp_byte_lock(scene->memory, 5), -EAGAIN);
  EXPECT_EQUAL(mp_byte_lock_owner(scene->memory, 5, &owner), 0);
  EXPECT_EQUAL(owner, child);
  EXPECT_EQUAL(mp_byte_lock(scene->memory, 6), 0); /* its neighbour is another lock */
  EXPECT_EQUAL(kill(child, SIGKILL), 0);
  EXPECT_EQUAL(end_of(child), -SIGKILL);
  EXPECT_EQUAL(mp_byte_lock_owner(scene->memory, 5, &owner), 0);
  EXPECT_EQUAL(owner, 0);
  EXPECT_EQUAL(mp_byte_lock(scene->memory, 5), 0);
  EXPECT_EQUAL(mp_descriptor_close(scene->memory), 0);
}

static void see_parent_as_owner(void *argument) {
  struct scene *scene = argument;
  pid_t owner = -1;
  EXPECT_EQUAL(mp_byte_lock(scene->memory, 0), -EAGAIN);
  EXPECT_EQUAL(mp_byte_lock_owner(scene->memory, 0, &owner), 0);
  EXPECT_EQUAL(owner, getppid());
}

static void take_it(void *argument) {
  struct scene *scene = argument;
  EXPECT_EQUAL(mp_byte_lock(scene->memory, 0), 0);
}

static void is_not_inherited(void) {
  struct scene *scene = new_scene();
  EXPECT_EQUAL(mp_byte_lock(scene->memory, 0), 0);
  EXPECT_EQUAL(end_of(start_child(see_parent_as_owner, scene)), 0);
  EXPECT_EQUAL(mp_byte_unlock(scene->memory, 0), 0);
  EXPECT_EQUAL(end_of(start_child(take_it, scene)), 0);
  EXPECT_EQUAL(mp_descriptor_close(scene->memory), 0);
}

TEST_FILE(byte_lock_tests, "byte lock", {"a lock dies with the owner", dies_with_its_owner},
          {"a forked child does not inherit a lock", is_not_inherited});
