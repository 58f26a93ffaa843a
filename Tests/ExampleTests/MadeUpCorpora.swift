import ExampleSupport
import Foundation
import Motet

@testable import SentimentAndEntities

/// Made-up reviews and tweets in which every label follows from the words.
struct MadeUpCorpora {
    let folder: String

    /// Writes the files; `change` plants something in the tweets.
    init(_ change: (String) -> String = { $0 }) throws {
        folder = NSTemporaryDirectory() + "motet-sentences-\(UUID().uuidString)"
        let aspects = ["battery", "screen", "sound quality", "menu"]
        let words = [(2, "great"), (3, "superb"), (-2, "poor"), (-3, "awful")]
        for (file, entry) in ProductReviewsRecipe().card.layouts[1].enumerated() {
            var text = ""
            for review in 0..<24 {
                let aspect = aspects[(review + file) % 4]
                let (strength, word) = words[(review / 4) % 4]
                let sign = strength > 0 ? "+" : ""
                // The number keeps sentences apart, so that none is on two sides.
                text +=
                    "[t]\n\(aspect)[\(sign)\(strength)]##The \(aspect) of \(file * 24 + review) is \(word).\n"
                text += "##I bought it on day \(file * 24 + review).\n"
            }
            try write("product_reviews/\(entry.path)", text)
        }
        let names = ["Ann", "Bob", "Eve"]
        let places = ["Rome", "Oslo", "Lima"]
        for (part, (file, count)) in [
            ("wnut17train.conll", 160), ("emerging.dev.conll", 40), ("emerging.test.annotated", 40),
        ].enumerated() {
            let text = (0..<count).map { number in
                "\(names[number % 3])\tB-person\ngoes\tO\nto\tO\nNew\tB-location\n"
                    + "\(places[number / 3 % 3])\tI-location\non\tO\nday\tO\n\(part)-\(number)\tO\n\n"
            }
            try write("wnut17/\(file)", change(text.joined()))
        }
    }

    private func write(_ name: String, _ text: String) throws {
        let file = URL(fileURLWithPath: folder + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    func read() throws -> Corpora {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let options = ExampleOptions(folder: folder)
        return try Corpora(
            ExampleData.files(ProductReviewsRecipe(), options),
            ExampleData.files(WNUT17Recipe(), options)
        )
    }
}
