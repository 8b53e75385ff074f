#include <relo/host/file.hpp>

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>

namespace {

namespace fs = std::filesystem;
using relo::host::file, relo::host::mapped_file;

/// A directory of its own.
class room {
 public:
  room() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  ~room() { fs::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_ = (fs::temp_directory_path() / "relo-file-XXXXXX").string();
};

void write(const std::string& path, const std::string& text) { std::ofstream{path} << text; }

std::string text_of(std::span<const unsigned char> bytes) { return {bytes.begin(), bytes.end()}; }

template <class File>
std::string complaint(const std::string& path, int error) {
  const File f{path.c_str()};
  CHECK(f.error() == error);
  CHECK(f.bytes().empty());
  return f.message();
}

}  // namespace

TEST_CASE("what others write to a file later does not reach its copy") {
  const room r;
  const std::string path = r / "module.ko", before(100'000, 'a');
  write(path, before);
  const file f{path.c_str()};
  REQUIRE(f.error() == 0);
  SUBCASE("written over") {
    std::fstream{path, std::ios::in | std::ios::out} << std::string(100'000, 'b');
  }
  SUBCASE("cut, which is SIGBUS for who reads a mapping") {
    REQUIRE(::truncate(path.c_str(), 0) == 0);
  }
  CHECK(text_of(f.bytes()) == before);
}

TEST_CASE("a file that was mapped is the file") {
  const room r;
  const std::string path = r / "module.ko";
  write(path, "before");
  mapped_file f{path.c_str()};
  CHECK(text_of(f.bytes()) == "before");
  const mapped_file moved{std::move(f)};
  CHECK(text_of(moved.bytes()) == "before");
  CHECK(f.bytes().empty());
}

TEST_CASE_TEMPLATE("files that are there", File, file, mapped_file) {
  const room r;
  write(r / "empty", "");
  const File empty{(r / "empty").c_str()};
  CHECK(empty.error() == 0);
  CHECK(empty.bytes().empty());

  write(r / "some", "12345");
  fs::create_symlink("some", r / "link");
  File some{(r / "link").c_str(), 5};
  CHECK(some.error() == 0);
  CHECK(text_of(some.bytes()) == "12345");
  const File moved{std::move(some)};
  CHECK(text_of(moved.bytes()) == "12345");
  const File longer{(r / "some").c_str(), 4};
  CHECK(longer.error() == EFBIG);
  CHECK(longer.bytes().empty());
}

TEST_CASE_TEMPLATE("what is no file is refused, and not waited for", File, file, mapped_file) {
  const room r;
  REQUIRE(::mkfifo((r / "fifo").c_str(), 0600) == 0);
  CHECK(complaint<File>(r / "fifo", EINVAL) == "Not a regular file");
  CHECK(complaint<File>("/dev/zero", EINVAL) == "Not a regular file");
  CHECK(complaint<File>("/dev/null", EINVAL) == "Not a regular file");
  CHECK(complaint<File>(r / "", EISDIR) == "Is a directory");
  CHECK(complaint<File>(r / "missing", ENOENT) == "No such file or directory");

  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = r / "socket";
  REQUIRE(path.copy(address.sun_path, sizeof address.sun_path - 1) == path.size());
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(complaint<File>(path, EINVAL) == "Not a regular file");
  ::close(fd);
}

TEST_CASE("a file that is not as long as it says") {
  constexpr auto* words = "Not as long as it says: does somebody write to it?";
  CHECK(complaint<file>("/proc/self/status", EIO) == words);  // says 0

  // Cut, or written to, between its size being asked and its end.
  const room r;
  write(r / "some", "12345");
  const int fd = ::open((r / "some").c_str(), O_RDONLY);
  relo::host::buffer out;
  for (const auto& [size, error] : {std::pair{6U, EIO}, {4U, EIO}, {0U, EIO}, {5U, 0}}) {
    REQUIRE(::lseek(fd, 0, SEEK_SET) == 0);
    CHECK(relo::host::detail::read_whole(fd, size, out) == error);
  }
  CHECK(text_of(out) == "12345");
  ::close(fd);
  CHECK(relo::host::detail::read_whole(fd, 5, out) == EBADF);
  CHECK(relo::host::detail::read_whole(fd, SIZE_MAX / 2, out) == ENOMEM);
}
