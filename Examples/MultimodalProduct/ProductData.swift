import ExampleSupport
import Motet

/// Rows of photos and texts, of which each has the labels of some tasks only.
///
/// - A photo with the description of its product, `match` 1, and with that of another product of the same
///   part, `match` 0; both with `class` for products of training. In training a photo meets several others.
/// - A sentence without a photo: `polarity`.
struct ProductData {
    /// The most tokens of a text.
    static let length = 40
    /// How many other descriptions a photo of training meets, and how often its own.
    static let others = 3
    let products: Products
    /// How many products training knows.
    let classCount: Int
    /// What the text branch may read.
    let words, vectors: MultimodalProduct.TextBranch
    private let tokens: TokenEncoder
    private let classes: [Int: Int]
    private let embedded: [String: [Float]]

    private struct Row {
        var photo: Int?
        let text: String
        var labels: [String: Float] = [:]
    }

    /// Learns the vocabulary of the training texts, and embeds all texts with a frozen encoder.
    init(_ products: Products, encoder: PretrainedEncoder) throws {
        let embedder = SentenceEmbedder(encoder, backend: OneDNNBackend())
        try self.init(products, width: embedder.width) { texts in
            try embedder.embed(texts.map { encoder.tokenizer.encode($0, maximumLength: 256).ids })
        }
    }

    /// - Parameters:
    ///   - products: photos and texts.
    ///   - width: the width of a text's vector.
    ///   - embed: makes the vectors of some texts, one after the other.
    /// - Throws: what `embed` throws.
    init(_ products: Products, width: Int, embed: ([String]) throws -> [Float]) throws {
        self.products = products
        let known = products.parts.indices.filter { products.parts[$0] == .train }
        classes = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
        classCount = known.count
        let tokenizer = WordTokenizer()
        let training =
            known.map { products.descriptions[$0] }
            + (products.sentences[.train] ?? []).map(\.text)
        let vocabulary = TokenVocabulary(
            counting: training.map { tokenizer.tokens($0) },
            minimumFrequency: 2
        )
        tokens = try TokenEncoder(vocabulary, maximumLength: Self.length)
        words = .words(vocabulary: vocabulary.count, length: Self.length)
        vectors = .vectors(width: width)
        let texts = Set(
            products.descriptions + products.sentences.values.flatMap { $0.map(\.text) }
        ).sorted()
        let numbers = try embed(texts)
        embedded = Dictionary(
            uniqueKeysWithValues: texts.enumerated().map { place, text in
                (text, Array(numbers[place * width..<(place + 1) * width]))
            }
        )
    }

    /// The rows of a part.
    ///
    /// - Parameters:
    ///   - part: training, validation or test.
    ///   - tasks: rows without a label of one of these are left out.
    /// - Returns: `image`, `token_ids`, `text_vector` and `label/<task>`, NaN where missing.
    /// - Throws: `TableError`, never for columns of equal length.
    func rows(
        _ part: RecipePart,
        tasks: [String] = MultimodalProduct.tasks
    ) throws -> PreparedDataset {
        let rows = (pairs(part) + photographs(part) + sentences(part)).filter { row in
            tasks.contains { row.labels[$0] != nil }
        }
        let tokenizer = WordTokenizer()
        let empty = [UInt8](repeating: 0, count: products.side * products.side * 3)
        var columns: [(name: String, values: PreparedValues)] = [
            (
                "image",
                .bytes(
                    rows.flatMap { $0.photo.map { products.photos[$0].picture.bytes } ?? empty },
                    width: empty.count,
                    scale: 1 / 255
                )
            ),
            ("token_ids", tokens.encode(rows.map { tokenizer.tokens($0.text) }).idColumn),
        ]
        let width = embedded.values.first?.count ?? 1
        columns.append(
            ("text_vector", .floats(rows.flatMap { embedded[$0.text] ?? [] }, width: width))
        )
        for task in MultimodalProduct.tasks {
            columns.append(("label/\(task)", .floats(rows.map { $0.labels[task] ?? .nan })))
        }
        return try PreparedDataset(inMemory: columns)
    }

    /// Photos with their own description and with another, of products of one part.
    ///
    /// The other description is that of a photo that is drawn, so that a description alone tells nothing: it
    /// is about as often another's as its own.
    private func pairs(_ part: RecipePart) -> [Row] {
        let photos = products.photos.indices.filter { number in
            let photo = products.photos[number]
            return products.parts[photo.product] == part && (part != .train || photo.part == .train)
        }
        let shown = photos.map { products.photos[$0].product }
        var others: [Int: [Int]] = [:]
        for product in Set(shown) { others[product] = shown.filter { $0 != product } }
        var random = RandomKey(seed: 6).split("match").split(part.rawValue).generator()
        return photos.flatMap { number -> [Row] in
            let own = products.photos[number].product
            return (0..<(part == .train ? Self.others : 1)).flatMap { _ -> [Row] in
                let other = others[own]?.randomElement(using: &random)
                return [(own, Float(1)), (other ?? own, 0)].compactMap { product, match -> Row? in
                    guard match == 1 || product != own else { return nil }
                    var row = Row(photo: number, text: products.descriptions[product])
                    row.labels["match"] = match
                    row.labels["class"] = classes[own].map { Float($0) }
                    return row
                }
            }
        }
    }

    /// The photos of known products that the data set keeps for validation or test.
    private func photographs(_ part: RecipePart) -> [Row] {
        guard part != .train else { return [] }
        return products.photos.enumerated().compactMap { number, photo in
            guard photo.part == part, let known = classes[photo.product] else { return nil }
            let text = products.descriptions[photo.product]
            return Row(photo: number, text: text, labels: ["class": Float(known)])
        }
    }

    private func sentences(_ part: RecipePart) -> [Row] {
        (products.sentences[part] ?? []).map {
            Row(text: $0.text, labels: ["polarity": $0.isPositive ? 1 : 0])
        }
    }

    /// How many rows of each part have a label of each task.
    var counts: String {
        var table = TextTable(["rows"] + MultimodalProduct.tasks, alignments: [.left, .right])
        for part in RecipePart.allCases {
            let labels = (pairs(part) + photographs(part) + sentences(part)).map(\.labels)
            let cells = MultimodalProduct.tasks.map { task in
                "\(labels.count { $0[task] != nil })"
            }
            table.addRow([part.rawValue] + cells)
        }
        return table.plain()
    }
}
