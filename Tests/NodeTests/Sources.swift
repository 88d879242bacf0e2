import Foundation

/// The files of this package.
enum Sources {
    static let top = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The display names of all tests of the package.
    static func testNames() throws -> Set<String> {
        let folder = URL(fileURLWithPath: top).appending(path: "Tests")
        let paths = FileManager.default.enumerator(atPath: folder.path)
        var names: Set<String> = []
        for case let path as String in paths ?? .init() where path.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
            for match in text.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/) {
                names.insert(String(match.1).replacing("\\\"", with: "\""))
            }
        }
        return names
    }
}
