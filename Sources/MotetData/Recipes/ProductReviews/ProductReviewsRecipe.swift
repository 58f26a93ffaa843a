import MotetCore

/// Product reviews of Hu and Liu: sentences with the product features they judge.
public struct ProductReviewsRecipe: DatasetRecipe {
    /// Creates the recipe.
    public init() {}

    private static let commit = "5db857e6f7df11eabb5e5665836db9ec8df07e28"

    private static func archive(_ name: String, _ digest: String) -> DatasetFile {
        DatasetFile(
            name,
            path: name + ".zip",
            address: "https://raw.githubusercontent.com/nltk/nltk_data/\(commit)/packages/corpora/"
                + name + ".zip",
            checksum: .sha256(digest)
        )
    }

    /// The text files of the archives, for those who have unpacked them.
    private static let unpacked = [
        "product_reviews_1": [
            "Apex_AD2600_Progressive_scan_DVD player", "Canon_G3",
            "Creative_Labs_Nomad_Jukebox_Zen_Xtra_40GB", "Nikon_coolpix_4300", "Nokia_6610",
        ],
        "product_reviews_2": [
            "Canon_PowerShot_SD500", "Canon_S100", "Diaper_Champ", "Hitachi_router",
            "Linksys_Router", "MicroMP3", "Nokia_6600", "ipod", "norton",
        ],
    ]

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "product_reviews",
            title: "Customer reviews of 14 products (Hu and Liu)",
            origin: .addresses(
                homepage: "https://www.cs.uic.edu/~liub/FBS/sentiment-analysis.html"
            ),
            licence: DatasetLicence("CC BY 4.0", .stated),
            size: "8,211 sentences of 639 reviews",
            tasks: ["opinion (names an aspect it judges)", "positive, within opinion"],
            scenarios: "product: 14 of them",
            layouts: [
                [
                    ProductReviewsRecipe.archive(
                        "product_reviews_1",
                        "627bfb0bb7c87586246d99b4402c3d7e4fb77ac14559d8695c283bd6850615ac"
                    ),
                    ProductReviewsRecipe.archive(
                        "product_reviews_2",
                        "272b08fe130882e5867aa7ecc69a65616099183c4ccc10374a62c271801b0bc1"
                    ),
                ],
                ProductReviewsRecipe.unpacked.sorted { $0.key < $1.key }.flatMap { folder, names in
                    names.map { DatasetFile("\(folder)/\($0)", path: "\(folder)/\($0).txt") }
                },
            ],
            page: "docs/data/product-reviews.md"
        )
    }

    /// Reads the sentences, tags their aspects, and splits them by review 60/20/20.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        progress(.note("reading reviews"))
        let reviews = try ProductReviews(files)
        let split = RowSplit(seed: options.seed)
        let (parts, repeated) = Repetition.lastParts(
            reviews.sentences.map(\.tokens),
            reviews.sentences.map { split.part($0.review) }
        )
        var report = DatasetReport(name: card.name)
        count(reviews, &report)
        report.count("repeated in a later part, dropped", repeated)
        let folder = try RecipeFolder(output)
        try folder.write(table(reviews), parts: parts, &report)
        try folder.write(experiment(reviews.products), to: "experiment.yaml")
        report.notes = [
            "aspects are found in the text by their name; those annotated but not named have no tags"
        ]
        report.files = folder.files
        return report
    }

    private func count(_ reviews: ProductReviews, _ report: inout DatasetReport) {
        let sentences = reviews.sentences
        report.count("sentences", sentences.count)
        report.count("of them behind another ## of a line", reviews.laterSentences)
        report.count("lines without ##, skipped", reviews.skippedLines)
        report.count("products", reviews.products.count)
        report.count("reviews", reviews.titles.count)
        report.count("slips of annotations passed over", reviews.repairs)
        let aspects = sentences.flatMap(\.aspects)
        report.count("aspects", aspects.count)
        report.count("aspects without polarity", aspects.count { $0.strength == nil })
        let matches = sentences.flatMap(\.matches)
        for (match, title) in [
            (AspectMatch.exact, "named in the sentence"),
            (.inflected, "named but for an s"), (.covered, "within a longer aspect"),
            (.absent, "not named, without tags"),
        ] {
            report.count("aspects \(title)", matches.count { $0 == match })
        }
        for (sentiment, title) in [
            (ReviewSentiment.positive, "positive"), (.negative, "negative"), (.mixed, "mixed"),
        ] {
            report.count("sentences, \(title)", sentences.count { $0.sentiment == sentiment })
        }
        report.count("sentences without sentiment", sentences.count { $0.sentiment == nil })
    }

    private func table(_ reviews: ProductReviews) -> RecipeTable {
        let sentences = reviews.sentences
        let names = ProductReviews.tags.tags
        var table = RecipeTable()
        table.add("sentence", .integers(sentences.indices.map { Int32($0) }))
        table.add("review", .integers(sentences.map { Int32($0.review) }))
        table.addTexts("product", sentences.map(\.product))
        table.addTexts("text", sentences.map(\.text))
        table.addTexts("tokens", sentences.map { $0.tokens.joined(separator: " ") })
        table.addTexts(
            "tags",
            sentences.map { $0.tags.map { names[Int($0)] }.joined(separator: " ") }
        )
        table.add("strength", .numbers(sentences.map { $0.strength.map { Float($0) } ?? .nan }))
        table.addFlags("opinion", sentences.map { !$0.aspects.isEmpty })
        let positive: [Float] = sentences.map { sentence in
            switch sentence.sentiment {
            case .positive: 1
            case .negative: 0
            case .mixed, nil: .nan
            }
        }
        table.add("positive", .numbers(positive))
        return table
    }

    private func experiment(_ products: [String]) -> String {
        var lines = experimentHead(
            "product_reviews",
            about: "Product reviews: does a sentence judge an aspect, and well, by product?",
            scenario: "{ column: product, values: [\(products.joined(separator: ", "))] }"
        )
        lines += [
            tokensLine, "tasks:",
            "  - { name: opinion, label: opinion, loss: binary_cross_entropy, metrics: [auc] }",
            "  - { name: positive, label: positive, within: opinion, loss: binary_cross_entropy,",
            "      metrics: [auc] }",
        ]
        return (lines + experimentTail).joined(separator: "\n") + "\n"
    }
}

/// The line of an experiment that reads tokens as a bag of words.
let tokensLine = featureLine(
    "tokens",
    "sequence",
    "delimiter: ' ', minimum_frequency: 2, dimension: 16, pooling: mean"
)

extension RecipeTable {
    /// Adds a column of texts.
    mutating func addTexts(_ name: String, _ texts: [String]) {
        var numbers = TextNumbers()
        let codes = texts.map { numbers.number(of: $0) }
        add(name, .texts(numbers.column(codes)))
    }
}
