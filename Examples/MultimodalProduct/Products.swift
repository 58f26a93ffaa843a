import ExampleSupport
import Motet

/// Photos of products with a description of each product, and sentences of reviews.
struct Products: Sendable {
    /// A photo of a product.
    struct Photo: Sendable {
        let picture: Image
        let product: Int
        /// The part the data set puts it in.
        let part: RecipePart
    }

    /// A sentence that judges a product.
    struct Sentence: Sendable {
        let text: String
        let isPositive: Bool
    }

    /// The rows and columns of a picture.
    let side: Int
    let photos: [Photo]
    /// What a shop says of each product; one description for all its photos.
    let descriptions: [String]
    let sentences: [RecipePart: [Sentence]]
    /// What each product is for: those of `train` have classes, the others are kept for matching.
    let parts: [RecipePart]

    /// Creates a collection.
    ///
    /// - Parameters:
    ///   - photos: photos of one size.
    ///   - descriptions: for each product one.
    ///   - sentences: those of each part.
    init(photos: [Photo], descriptions: [String], sentences: [RecipePart: [Sentence]]) {
        self.photos = photos
        self.descriptions = descriptions
        self.sentences = sentences
        side = photos.first?.picture.height ?? 0
        // A quarter of the products for the test of matching, an eighth for its validation.
        let key = RandomKey(seed: 81).split("product")
        let order = descriptions.indices.sorted {
            key.split(descriptions[$0]).bits(0) < key.split(descriptions[$1]).bits(0)
        }
        var parts = [RecipePart](repeating: .train, count: descriptions.count)
        for (place, product) in order.enumerated() {
            if place < order.count / 4 { parts[product] = .test }
            if (order.count / 4..<order.count * 3 / 8).contains(place) {
                parts[product] = .validation
            }
        }
        self.parts = parts
    }

    /// Takes the photos of groceries and the sentences with a clear opinion.
    ///
    /// - Parameters:
    ///   - pictures: the pictures of the recipe `grocery`, which are resized where `side` is not theirs.
    ///   - reviews: the reviews, split by review.
    ///   - side: the rows and columns of a picture.
    /// - Throws: `DatasetError` when the pictures have no classes.
    init(_ pictures: PictureCollection, _ reviews: ProductReviews, side: Int = 48) throws {
        let label = try pictures.label("class")
        let split = reviews.split(seed: 4)
        func clear(_ sentences: [ReviewSentence]) -> [Sentence] {
            sentences.compactMap { sentence in
                guard let sentiment = sentence.sentiment, sentiment != .mixed else { return nil }
                return Sentence(text: sentence.text, isPositive: sentiment == .positive)
            }
        }
        self.init(
            photos: pictures.parts.enumerated().map { row, part in
                Photo(
                    picture: pictures.pictures[row].resized(height: side, width: side),
                    product: Int(label.numbers[row]),
                    part: part
                )
            },
            descriptions: label.descriptions,
            sentences: [
                .train: clear(split.train), .validation: clear(split.validation),
                .test: clear(split.test),
            ]
        )
    }
}
