import Foundation
import MotetCore

/// A recipe whose data set is pictures.
///
/// Preparation writes the folders `train`, `validation` and `test` of prepared data (`image`, and
/// `label/<name>` for each label), the names of each label's classes as `<label>.txt`, and `preview.png`
/// with the first training pictures.
public protocol PictureRecipe: DatasetRecipe {
    /// Reads the pictures.
    ///
    /// - Parameters:
    ///   - files: the original files.
    ///   - seed: the seed of the split, where the data set has none of its own.
    ///   - progress: told what happens.
    /// - Returns: the pictures, their labels and parts.
    /// - Throws: ``ImageError``, ``DatasetError`` or ``TableError`` when a file is not what it should be.
    func pictures(
        _ files: DatasetFiles,
        seed: UInt64,
        progress: (DatasetEvent) -> Void
    ) throws -> PictureCollection
}

extension PictureRecipe {
    /// Reads the pictures, with the split of the documented figures.
    public func pictures(_ files: DatasetFiles) throws -> PictureCollection {
        try pictures(files, seed: DatasetOptions.standard.seed) { _ in }
    }

    /// Writes the prepared pictures.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        let collection = try pictures(files, seed: options.seed, progress: progress)
        let folder = try RecipeFolder(output)
        var report = DatasetReport(name: card.name)
        report.count("pictures", collection.pictures.count)
        for part in RecipePart.allCases {
            let path = "\(folder.path)/\(part.rawValue)"
            let rows = collection.rows(of: part)
            guard !rows.isEmpty else { continue }
            try collection.write(rows, to: path, name: card.name)
            report.count("pictures, \(part.rawValue)", rows.count)
            report.files.append(path)
        }
        for label in collection.labels {
            let unknown = label.numbers.count { $0 < 0 }
            report.count("classes, \(label.name)", label.classes.count)
            if unknown > 0 { report.count("pictures without \(label.name)", unknown) }
            try folder.write(
                label.classes.joined(separator: "\n") + "\n",
                to: "\(label.name.replacing("/", with: "_")).txt"
            )
        }
        try collection.preview().write(to: folder.path + "/preview.png")
        report.files += folder.files + [folder.path + "/preview.png"]
        // The first part that has pictures: the training set, unless all of them are alike.
        if let part = report.files.first {
            report.notes.append(
                "open a part in a program with: try PreparedDataset(path: \"\(part)\")"
            )
        }
        return report
    }
}

extension PictureCollection {
    /// Writes pictures and labels as prepared data.
    fileprivate func write(_ rows: [Int], to path: String, name: String) throws {
        let kind = PreparedKind.bytes(width: pictures.pictureSize, scale: 1 / 255)
        let writer = try PreparedDatasetWriter(
            path: path,
            columns: [PreparedColumn(name: "image", kind: kind)]
                + labels.map { PreparedColumn(name: "label/\($0.name)", kind: .float32(width: 1)) },
            contentKey: name
        )
        try pictures.pictures(rows).bytes.withUnsafeBufferPointer { try writer.append($0, to: 0) }
        for (index, label) in labels.enumerated() {
            try label.floats(rows).withUnsafeBufferPointer { try writer.append($0, to: index + 1) }
        }
        _ = try writer.finish()
    }

    /// The first training pictures, ten in a row, at most a hundred.
    fileprivate func preview() throws -> Image {
        let shown = Array(rows(of: .train).prefix(100))
        let lines = max(1, (shown.count + 9) / 10)
        let (height, width) = (pictures.height, pictures.width)
        let background = [UInt8](repeating: 255, count: pictures.channels)
        var sheet = Image(height: lines * height, width: 10 * width, colour: background)
        for (place, row) in shown.enumerated() {
            try sheet.paste(pictures[row], top: place / 10 * height, left: place % 10 * width)
        }
        return sheet
    }
}
