public import Bytes

/// Files in one, in the form that `tar` reads; one encoding for the same files, and no other.
///
/// - Source: EVD-1; POSIX.1-1988 ustar, with nothing that is not fixed but names, sizes and bytes.
public enum Ustar {
    /// A file of an archive.
    public struct File: Hashable, Sendable {
        /// Letters, digits, `.`, `-`, `_` and `/`, at most 99.
        public let name: String
        public let bytes: ArraySlice<UInt8>

        public init(name: String, bytes: ArraySlice<UInt8>) {
            self.name = name
            self.bytes = bytes
        }

        public init(_ name: String, _ bytes: [UInt8]) {
            self.init(name: name, bytes: bytes[...])
        }
    }

    private static let block = 512
    public static let filesMax = 256
    private static let sizeMax = 1 << 32

    public static func encode(_ files: [File]) -> [UInt8] {
        var archive: [UInt8] = []
        archive.reserveCapacity(files.reduce(2 * block) { $0 + $1.bytes.count + 2 * block })
        for file in files {
            archive += header(file.name, file.bytes.count)
            archive += file.bytes
            archive += zeros(padding(file.bytes.count))
        }
        return archive + zeros(2 * block)
    }

    /// Reads an archive; every byte of it is content or what the format fixes.
    public static func decode(_ archive: [UInt8]) throws(Malformed) -> [File] {
        var files: [File] = []
        var place = 0
        while true {
            guard archive.count - place >= 2 * block else {
                throw Malformed(.truncated, "archive", at: place)
            }
            let head = archive[place..<place + block]
            if head.allSatisfy({ $0 == 0 }) { break }
            let file = try self.file(head, of: archive, at: place)
            files.append(file)
            guard files.count <= filesMax else { throw Malformed(.overLimit, "files", at: place) }
            place += block + file.bytes.count + padding(file.bytes.count)
        }
        guard archive[place...].allSatisfy({ $0 == 0 }) else {
            throw Malformed(.notCanonical, "end", at: place)
        }
        guard archive.count - place == 2 * block else {
            throw Malformed(.trailing, "archive", at: place)
        }
        return files
    }

    private static func file(
        _ head: ArraySlice<UInt8>,
        of archive: [UInt8],
        at place: Int
    ) throws(Malformed) -> File {
        let name = String(decoding: head.prefix { $0 != 0 }, as: UTF8.self)
        let digits = String(decoding: head.dropFirst(124).prefix(11), as: UTF8.self)
        guard let size = Int(digits, radix: 8), size >= 0, size < sizeMax, isName(name),
            head.elementsEqual(header(name, size))
        else { throw Malformed(.notCanonical, "header", at: place) }
        let start = place + block
        let end = start + size
        guard archive.count - end >= padding(size) else {
            throw Malformed(.truncated, name, at: place)
        }
        guard archive[end..<end + padding(size)].allSatisfy({ $0 == 0 }) else {
            throw Malformed(.notCanonical, name, at: end)
        }
        return File(name: name, bytes: archive[start..<end])
    }

    private static func isName(_ name: String) -> Bool {
        (1...99).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0)
                    || (0x2d...0x39).contains($0) || $0 == 0x5f
            }
    }

    private static func header(_ name: String, _ size: Int) -> [UInt8] {
        var head = zeros(block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { head[offset + index] = byte }
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(size, 11), at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put("0000000", at: 329)
        put("0000000", at: 337)
        let sum = head.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6), at: 148)
        head[154] = 0
        head[155] = 0x20
        return head
    }

    private static func octal(_ value: Int, _ width: Int) -> String {
        let digits = String(value, radix: 8)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func padding(_ size: Int) -> Int { (block - size % block) % block }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
