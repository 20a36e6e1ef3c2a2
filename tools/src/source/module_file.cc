// SPDX-License-Identifier: GPL-2.0-only
#include "source/module_file.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace kvm_exits {
namespace {

// A module of KVM's has some hundred sections, and a .modinfo of 2 kB.
constexpr size_t kMaxSections = 4096;
constexpr size_t kMaxSection = 1U << 20U;

// Takes what is before `separator` off the front of `text`, and the separator.
std::string_view TakePiece(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return piece;
}

bool IsFileOfModule(std::string_view path, std::string_view name) {
  path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
  const std::string_view stem = path.substr(0, path.find(".ko"));
  return stem.size() < path.size() &&
         std::ranges::equal(stem, name, {}, [](char c) { return c == '-' ? '_' : c; });
}

std::vector<Elf64_Shdr> ReadSectionHeaders(const ReadAt& read, const Elf64_Ehdr& header) {
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum > kMaxSections) return {};
  const size_t size = header.e_shnum * sizeof(Elf64_Shdr);
  const std::string bytes = read(header.e_shoff, size);
  if (bytes.size() != size) return {};
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  if (size > 0) std::memcpy(sections.data(), bytes.data(), size);
  return sections;
}

std::string ReadSection(const ReadAt& read, const Elf64_Shdr& section) {
  if (section.sh_type == SHT_NOBITS || section.sh_size > kMaxSection) return "";
  return read(section.sh_offset, section.sh_size);
}

}  // namespace

std::string_view FindModulePath(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    std::string_view line = TakePiece(list, '\n');
    const std::string_view path = TakePiece(line, ':');
    if (IsFileOfModule(path, name)) return path;
  }
  return {};
}

std::optional<ModuleFile> ReadModuleFile(const ReadAt& read) {
  const std::string start = read(0, sizeof(Elf64_Ehdr));
  Elf64_Ehdr header = {};
  if (start.size() != sizeof(header) || !start.starts_with(ELFMAG)) return std::nullopt;
  std::memcpy(&header, start.data(), sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return std::nullopt;
  }
  const std::vector<Elf64_Shdr> sections = ReadSectionHeaders(read, header);
  if (header.e_shstrndx >= sections.size()) return std::nullopt;
  const std::string names = ReadSection(read, sections[header.e_shstrndx]);

  ModuleFile file;
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_name >= names.size()) continue;
    std::string_view name = std::string_view(names).substr(section.sh_name);
    name = TakePiece(name, '\0');
    if (name == ".modinfo" && file.modinfo.empty()) file.modinfo = ReadSection(read, section);
    if (name == ".note.gnu.build-id" && file.build_id.empty()) {
      file.build_id = ReadSection(read, section);
    }
  }
  if (file.modinfo.empty()) return std::nullopt;
  return file;
}

std::string_view FindModinfo(std::string_view modinfo, std::string_view key) {
  while (!modinfo.empty()) {
    std::string_view entry = TakePiece(modinfo, '\0');
    if (TakePiece(entry, '=') == key) return entry;
  }
  return {};
}

bool HasParameter(std::string_view modinfo, std::string_view parameter) {
  while (!modinfo.empty()) {
    std::string_view entry = TakePiece(modinfo, '\0');
    if (TakePiece(entry, '=') == "parmtype" && TakePiece(entry, ':') == parameter) return true;
  }
  return false;
}

}  // namespace kvm_exits
