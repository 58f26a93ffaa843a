import Foundation
import Testing

/// Something a user does wrong, and what the program says and does about it.
struct BadInput: CustomTestStringConvertible, Sendable {
    /// What is wrong.
    let testDescription: String
    /// Makes it so.
    let arrange: @Sendable (Shop) throws -> Void
    /// The command line.
    let arguments: [String]
    /// The exit code, as docs/cli.md tells it.
    let status: Int32
    /// The end of what stands on standard error.
    ///
    /// `FOLDER` stands for the shop's folder and `...` for anything.
    let sentence: String
    /// The greatest size of a file in blocks of 512 bytes.
    var fileBlocks: Int?
    /// Whether data that were prepared in full may stay in the cache.
    var keepsCache = false

    init(
        _ what: String,
        _ arguments: [String] = BadInput.train,
        status: Int32 = 3,
        says sentence: String,
        fileBlocks: Int? = nil,
        keepsCache: Bool = false,
        _ arrange: @escaping @Sendable (Shop) throws -> Void = { _ in }
    ) {
        testDescription = what
        self.arrange = arrange
        self.arguments = arguments
        self.status = status
        self.sentence = sentence
        self.fileBlocks = fileBlocks
        self.keepsCache = keepsCache
    }

    static let train = ["train", "shop.yaml", "--output", "run"]
    static let evaluate = ["evaluate", "run"]
    static let resume = ["train", "run", "--resume"]
    static let predict = ["predict", "run", "--input", "new.csv", "--output", "out.csv"]

    /// Whether a text ends as the sentence says.
    func isSaid(in errors: String, folder: String) -> Bool {
        let expected = sentence.replacing("FOLDER", with: folder)
        let pieces = (expected + "\n").components(separatedBy: "...")
        guard pieces.count > 1 else { return errors.hasSuffix(pieces[0]) }
        guard let first = errors.range(of: pieces[0]) else { return false }
        var rest = errors[first.upperBound...]
        for piece in pieces.dropFirst().dropLast() {
            guard let found = rest.range(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(pieces[pieces.count - 1])
    }
}
