import Foundation

/// A file of JSON that people write, whose names are of small letters and underscores.
enum JSONFile {
    /// What a file holds.
    ///
    /// - Parameters:
    ///   - path: Where it lies.
    ///   - bytesMax: The longest that is read.
    /// - Returns: nil if there is no such file.
    /// - Throws: `.badInput` naming the place that cannot be read.
    static func read<Content: Decodable>(_ path: String, atMost bytesMax: Int) throws -> Content? {
        guard let bytes = try PrivateFile.read(path, atMost: bytesMax) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(Content.self, from: Data(bytes))
        } catch {
            throw CommandFault(.badInput, "\(path): \(words(error))")
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            "\(place(context)) has no \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            "\(place(context)): \(context.debugDescription)"
        case DecodingError.dataCorrupted(let context): "\(place(context)): not JSON, or not valid"
        default: "\(error)"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return path.isEmpty ? "the file" : path.joined(separator: ".")
    }
}
