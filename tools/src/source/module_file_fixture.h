// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_MODULE_FILE_FIXTURE_H_
#define KVM_EXITS_SOURCE_MODULE_FILE_FIXTURE_H_

#include <elf.h>

#include <array>
#include <string>
#include <string_view>

namespace kvm_exits {

// The file of a module that has these sections, and no code.
inline std::string MakeModule(std::string_view modinfo, std::string_view build_id) {
  constexpr std::string_view kNames("\0.modinfo\0.note.gnu.build-id\0.shstrtab\0", 39);
  std::string contents(sizeof(Elf64_Ehdr), '\0');
  const auto add = [&](Elf64_Word name, std::string_view bytes) {
    Elf64_Shdr section = {};
    section.sh_name = name;
    section.sh_type = SHT_PROGBITS;
    section.sh_offset = contents.size();
    section.sh_size = bytes.size();
    contents += bytes;
    return section;
  };
  const std::array sections = {Elf64_Shdr{}, add(1, modinfo), add(10, build_id), add(29, kNames)};
  Elf64_Ehdr header = {};
  const std::string_view ident =
      "\x7f"
      "ELF\x02\x01\x01";  // 64 bits, little endian
  ident.copy(reinterpret_cast<char*>(header.e_ident), ident.size());
  header.e_shoff = contents.size();
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = sections.size();
  header.e_shstrndx = sections.size() - 1;
  contents.replace(0, sizeof(header),
                   std::string(reinterpret_cast<const char*>(&header), sizeof(header)));
  contents.append(reinterpret_cast<const char*>(sections.data()), sizeof(sections));
  return contents;
}

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_MODULE_FILE_FIXTURE_H_
