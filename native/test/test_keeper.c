#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "mp_descriptor.h"
#include "mp_keeper.h"
#include "mp_memory.h"
#include "mp_watcher.h"
#include "runner.h"

static const char arena[] = "0123456789abcdef0123456789abcdef";

struct scene {
  struct mp_watcher *watcher;
  int file;
  int pair[2];
};

static void set_generation(int file, uint64_t place, uint32_t generation) {
  EXPECT_EQUAL(pwrite(file, &generation, sizeof generation, (off_t)place), sizeof generation);
}

static struct mp_keeper_key key_of(uint64_t block, uint64_t generation) {
  return (struct mp_keeper_key){.block = block, .generation = generation, .place = block * 8};
}

/* Generation 5 is that of every block. */
static struct scene begin(void) {
  struct scene scene = {.file = -1};
  EXPECT_EQUAL(mp_memory_create("keeper", &scene.file), 0);
  for (uint64_t block = 1; block < 8; block++) set_generation(scene.file, block * 8, 5);
  EXPECT_EQUAL(mp_socket_pair(scene.pair), 0);
  EXPECT_EQUAL(mp_watcher_acquire(&scene.watcher), 0);
  EXPECT_EQUAL(mp_watcher_open_keeper(scene.watcher, arena, scene.file), 0);
  return scene;
}

static void end(struct scene *scene) {
  mp_watcher_release(scene->watcher);
  EXPECT_EQUAL(mp_descriptor_close(scene->file), 0);
}

static bool has_ended(int socket, double timeout) {
  char byte;
  short ready = 0;
  EXPECT_EQUAL(mp_descriptor_poll(socket, POLLIN, timeout, &ready), 0);
  return ready != 0 && recv(socket, &byte, 1, MSG_DONTWAIT) == 0;
}

static void is_kept_and_taken_once(void) {
  struct scene scene = begin();
  struct mp_keeper_key key = key_of(1, 5);
  struct mp_keeper_key other = key_of(1, 4);
  int taken = -1;
  int error = 1;
  EXPECT_EQUAL(mp_watcher_open_keeper(scene.watcher, arena, scene.file), 0); /* once more */
  EXPECT(mp_watcher_deposit(scene.watcher, &key, scene.pair[0], &error));
  EXPECT_EQUAL(error, 0);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[0]), 0);
  EXPECT(mp_watcher_withdraw(scene.watcher, &other, &taken, &error));
  EXPECT_EQUAL(error, -ENOENT);
  EXPECT(mp_watcher_withdraw(scene.watcher, &key, &taken, &error));
  EXPECT_EQUAL(error, 0);
  EXPECT(is_close_on_exec(taken));
  EXPECT(!has_ended(scene.pair[1], 0));
  EXPECT(mp_watcher_withdraw(scene.watcher, &key, &taken, &error) && error == -ENOENT);
  EXPECT_EQUAL(mp_descriptor_close(taken), 0);
  EXPECT(has_ended(scene.pair[1], 1000));
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[1]), 0);
  end(&scene);
}

static void deposit_and_end(void *argument) {
  const struct scene *scene = argument;
  struct mp_keeper_key key = key_of(2, 5);
  EXPECT_EQUAL(mp_keeper_deposit(arena, &key, scene->pair[0]), 0);
}

static void withdraw_and_write(void *argument) {
  (void)argument;
  struct mp_keeper_key key = key_of(2, 5);
  int taken = -1;
  EXPECT_EQUAL(mp_keeper_withdraw(arena, &key, &taken), 0);
  EXPECT_EQUAL(write(taken, "!", 1), 1);
  EXPECT_EQUAL(mp_keeper_withdraw(arena, &key, &taken), -ENOENT);
}

/* The thread runs as long as something is kept; this is for the time in which nothing is. */
static void keep_the_thread(const struct scene *scene, struct mp_keeper_key *key) {
  int error = 0;
  *key = key_of(7, 5);
  EXPECT(mp_watcher_deposit(scene->watcher, key, scene->file, &error) && error == 0);
}

static void goes_from_process_to_process(void) {
  struct scene scene = begin();
  struct mp_keeper_key held;
  char byte = 0;
  keep_the_thread(&scene, &held);
  EXPECT_EQUAL(end_of(start_child(deposit_and_end, &scene)), 0);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[0]), 0);
  EXPECT_EQUAL(end_of(start_child(withdraw_and_write, &scene)), 0);
  EXPECT_EQUAL(read(scene.pair[1], &byte, 1), 1);
  EXPECT(has_ended(scene.pair[1], 1000));
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[1]), 0);
  end(&scene);
}

static void is_closed_when_its_block_is_freed(void) {
  struct scene scene = begin();
  struct mp_keeper_key key = key_of(3, 5);
  int error = 0;
  EXPECT(mp_watcher_deposit(scene.watcher, &key, scene.pair[0], &error) && error == 0);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[0]), 0);
  EXPECT(!has_ended(scene.pair[1], 0));
  set_generation(scene.file, 3 * 8, 6);
  EXPECT(has_ended(scene.pair[1], 10 * MP_KEEPER_SWEEP));
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[1]), 0);
  end(&scene);
}

static void nobody_keeps(void) {
  struct mp_keeper_key key = key_of(1, 5);
  int taken = -1;
  EXPECT_EQUAL(mp_keeper_deposit(arena, &key, STDERR_FILENO), -ECONNREFUSED);
  EXPECT_EQUAL(mp_keeper_withdraw(arena, &key, &taken), -ECONNREFUSED);
  EXPECT_EQUAL(mp_keeper_withdraw("short", &key, &taken), -EINVAL);
}

/* What is not a request is not answered, and does no harm. */
static void nonsense_is_ignored(void) {
  struct scene scene = begin();
  struct mp_keeper_key held;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const char name[] = "polyprocess/0123456789abcdef0123456789abcdef/keeper";
  memcpy(address.sun_path + 1, name, sizeof name - 1);
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof name);
  int stranger = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  keep_the_thread(&scene, &held);
  for (size_t bytes = 0; bytes < 100; bytes += 9)
    EXPECT_EQUAL(sendto(stranger, address.sun_path, bytes, 0, (struct sockaddr *)&address, length),
                 bytes);
  int taken = -1;
  EXPECT_EQUAL(mp_keeper_withdraw(arena, &held, &taken), 0); /* it still answers */
  EXPECT_EQUAL(mp_descriptor_close(taken), 0);
  EXPECT_EQUAL(mp_descriptor_close(stranger), 0);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[0]), 0);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[1]), 0);
  end(&scene);
}

static void send_two(int stranger, int descriptor) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {0};
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const char name[] = "polyprocess/0123456789abcdef0123456789abcdef/keeper";
  memcpy(address.sun_path + 1, name, sizeof name - 1);
  struct iovec part = {.iov_base = "!", .iov_len = 1};
  struct msghdr message = {.msg_name = &address,
                           .msg_namelen =
                               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof name),
                           .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(2 * sizeof(int));
  memcpy(CMSG_DATA(header), (int[]){descriptor, descriptor}, 2 * sizeof(int));
  EXPECT_EQUAL(sendmsg(stranger, &message, MSG_NOSIGNAL), 1);
}

/* The kernel installs two where one has been asked for: there is room for it in the padding. */
static void descriptors_of_strangers_are_closed(void) {
  struct scene scene = begin();
  struct mp_keeper_key held;
  int stranger = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  keep_the_thread(&scene, &held);
  for (int i = 0; i < 4; i++) send_two(stranger, scene.pair[0]);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[0]), 0);
  EXPECT(has_ended(scene.pair[1], 1000));
  EXPECT_EQUAL(mp_descriptor_close(stranger), 0);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[1]), 0);
  end(&scene);
}

/* Has the name of a keeper, and answers as one does, with what it was given. */
static void pretend(void *argument) {
  const struct scene *scene = argument;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const char name[] = "polyprocess/0123456789abcdef0123456789abcdef/keeper";
  memcpy(address.sun_path + 1, name, sizeof name - 1);
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof name);
  EXPECT_EQUAL(setuid(65534), 0);
  int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  EXPECT_EQUAL(bind(made, (struct sockaddr *)&address, length), 0);
  EXPECT_EQUAL(write(scene->pair[0], "!", 1), 1);
  for (int requests = 0; requests < 2; requests++) {
    int answer = -1;
    uint8_t byte;
    bool ended;
    EXPECT_EQUAL(mp_descriptor_receive(made, &answer, &byte, &ended), 0);
    EXPECT_EQUAL(mp_descriptor_send(answer, scene->file, 1), 0);
    EXPECT_EQUAL(mp_descriptor_close(answer), 0);
  }
  EXPECT_EQUAL(recv(made, &length, 1, MSG_DONTWAIT), -1); /* nothing was deposited */
}

static void one_of_another_user_is_no_keeper(void) {
  struct scene scene = {.file = STDERR_FILENO};
  struct mp_keeper_key key = key_of(1, 5);
  int taken = -1;
  char byte;
  if (getuid() != 0) return; /* cannot become another user */
  EXPECT_EQUAL(mp_socket_pair(scene.pair), 0);
  pid_t child = start_child(pretend, &scene);
  EXPECT_EQUAL(read(scene.pair[1], &byte, 1), 1);
  EXPECT_EQUAL(mp_keeper_deposit(arena, &key, scene.pair[0]), -EPERM);
  EXPECT_EQUAL(mp_keeper_withdraw(arena, &key, &taken), -EPERM);
  EXPECT_EQUAL(taken, -1);
  EXPECT_EQUAL(end_of(child), 0);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[0]), 0);
  EXPECT_EQUAL(mp_descriptor_close(scene.pair[1]), 0);
}

TEST_FILE(keeper_tests, "keeper", {"a descriptor is kept and taken once", is_kept_and_taken_once},
          {"one goes from a process that has ended to another", goes_from_process_to_process},
          {"one is closed when its block is freed", is_closed_when_its_block_is_freed},
          {"without a keeper there is an error", nobody_keeps},
          {"nonsense is ignored", nonsense_is_ignored},
          {"descriptors of strangers are closed", descriptors_of_strangers_are_closed},
          {"one of another user is no keeper", one_of_another_user_is_no_keeper});
