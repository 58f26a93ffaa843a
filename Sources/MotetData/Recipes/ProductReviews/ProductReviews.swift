import Foundation
public import MotetCore

/// Reviews of 14 products, sentence by sentence, with the aspects each has an opinion on.
public struct ProductReviews: Sendable {
    /// The tags of tokens: outside, and the first and further tokens of an aspect.
    public static let tags = TagSet(.bio, types: ["aspect"])

    /// The sentences in the order of the files.
    public private(set) var sentences: [ReviewSentence] = []
    /// The names of the products in that order.
    public private(set) var products: [String] = []
    /// The titles of the reviews, by their number; empty where a file starts a review without one.
    public private(set) var titles: [String] = []
    /// Lines that are no title and have no `##`: left out.
    public private(set) var skippedLines = 0
    /// Sentences behind another `##` of a line.
    public private(set) var laterSentences = 0
    /// Slips in annotations that were passed over.
    public private(set) var repairs = 0

    private let tokenizer: WordTokenizer

    /// Reads the data set.
    ///
    /// - Parameters:
    ///   - files: the two archives, or the text files in them.
    ///   - tokenizer: how sentences become tokens.
    /// - Throws: ``TableError`` where an archive is damaged; ``DatasetError`` where it holds no reviews.
    public init(_ files: DatasetFiles, tokenizer: WordTokenizer = WordTokenizer()) throws {
        self.tokenizer = tokenizer
        for role in files.paths.keys.sorted() {
            let path = try files.path(role)
            if path.hasSuffix(".zip") {
                let archive = try ZipArchive(path)
                // By name, as files in a folder are: a review's number decides its part.
                for entry in archive.entries.sorted(by: { $0.name < $1.name })
                where ProductReviews.isReviews(entry.name) {
                    let contents = try archive.contents(of: entry)
                    read(String(decoding: contents, as: UTF8.self), named: entry.name)
                }
            } else {
                read(try Decompression.text(of: path), named: path)
            }
        }
        guard !sentences.isEmpty else {
            throw DatasetError(
                .datasetContent,
                "data set \"product_reviews\" in \"\(files.folder)\": there are no sentences; "
                    + "expected lines with `##`; received \(products.count) text files without one."
            )
        }
    }

    /// Reads the data set from a folder that holds it.
    ///
    /// - Parameters:
    ///   - folder: its own folder, or one that holds it as `product_reviews`.
    ///   - tokenizer: how sentences become tokens.
    /// - Throws: ``DatasetError`` that names missing files; as the other initialiser.
    public init(folder: String, tokenizer: WordTokenizer = WordTokenizer()) throws {
        try self.init(
            DatasetFiles.locate(ProductReviewsRecipe().card, in: folder),
            tokenizer: tokenizer
        )
    }

    private static func isReviews(_ name: String) -> Bool {
        let file = name.split(separator: "/").last.map(String.init) ?? name
        return file.hasSuffix(".txt") && file.lowercased() != "readme.txt"
            && !name.hasPrefix("__MACOSX/")
    }

    /// Reads the reviews of a product.
    private mutating func read(_ contents: String, named name: String) {
        let file = name.split(separator: "/").last ?? ""
        let product = String(file.dropLast(".txt".count)).replacing(" ", with: "_")
        products.append(product)
        var isInReview = false
        for line in contents.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            if line.hasPrefix("[t]") {
                titles.append(line.dropFirst("[t]".count).trimmed)
                isInReview = true
                continue
            }
            guard line.contains("##") else {
                // The head of a file is a box of asterisks.
                if !line.hasPrefix("*"), !line.trimmed.isEmpty { skippedLines += 1 }
                continue
            }
            if !isInReview {
                titles.append("")
                isInReview = true
            }
            add(line, of: product)
        }
    }

    /// Adds the sentences of a line: one behind each `##`, with the annotation before it.
    private mutating func add(_ line: Substring, of product: String) {
        var parts = line.components(separatedBy: "##")
        var annotation = parts.removeFirst()
        for (index, part) in parts.enumerated() {
            var text = part
            var next = ""
            if index < parts.count - 1 { (text, next) = ProductReviews.cut(part) }
            let read = ReviewAnnotation(annotation)
            repairs += read.repairs
            annotation = next
            guard !text.trimmed.isEmpty else { continue }
            if index > 0 { laterSentences += 1 }
            sentences.append(
                ReviewSentence(
                    product: product,
                    review: titles.count - 1,
                    text: text.trimmed,
                    aspects: read.aspects,
                    tokenizer: tokenizer
                )
            )
        }
    }

    /// Cuts the annotation of the next sentence from the end of a sentence: what follows its last full
    /// stop, question or exclamation mark, if a bracket with a strength is in it.
    private static func cut(_ text: String) -> (sentence: String, annotation: String) {
        guard let end = text.lastIndex(where: { ".?!".contains($0) }) else { return (text, "") }
        let rest = text[text.index(after: end)...]
        guard rest.contains("[+") || rest.contains("[-") else { return (text, "") }
        return (String(text[...end]), String(rest))
    }
}
