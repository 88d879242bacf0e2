import Foundation

/// The files of this package as they lie on disk.
struct Tree {
    /// A file: its path from the top of the package, and its text.
    struct File {
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var name: String { String(path.split(separator: "/").last ?? "") }
        var folders: [Substring] { path.split(separator: "/").dropLast() }
    }

    let top: URL

    init(file: String = #filePath) {
        top = URL(fileURLWithPath: file)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    /// Every file below some folders whose name ends in one of the endings, sorted by path.
    func files(in folders: [String], ending endings: [String]) throws -> [File] {
        try paths(in: folders)
            .filter { path in endings.contains { path.hasSuffix($0) } }
            .map {
                File(
                    path: $0,
                    text: try String(contentsOf: top.appending(path: $0), encoding: .utf8)
                )
            }
    }

    /// The path of every file below some folders, from the top of the package.
    func paths(in folders: [String]) throws -> [String] {
        var paths: [String] = []
        for folder in folders {
            let root = top.appending(path: folder)
            let walker = FileManager.default.enumerator(
                at: root,
                includingPropertiesForKeys: [.isRegularFileKey],
                options: [.skipsHiddenFiles]
            )
            while let url = walker?.nextObject() as? URL {
                let isFile = try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
                guard isFile == true, !url.path.contains("__pycache__") else { continue }
                paths.append(String(url.path.dropFirst(top.path.count + 1)))
            }
        }
        return paths.sorted()
    }
}
