import MotetCore

/// Groups of pictures that a split must not tear apart.
enum PictureGroups {
    /// Joins groups that share a picture, as far as ``NearDuplicates`` can tell.
    ///
    /// - Parameters:
    ///   - groups: for each picture its group.
    ///   - pictures: the pictures.
    ///   - distance: of 256 bits, how many may differ.
    /// - Returns: for each picture its group, joined ones under the name of the first.
    static func joined(_ groups: [String], _ pictures: ImageStack, within distance: Int) -> [String]
    {
        var joined: [String: String] = [:]
        func root(_ group: String) -> String {
            var group = group
            while let next = joined[group] { group = next }
            return group
        }
        for pair in NearDuplicates(pictures).pairs(within: distance) {
            let (left, right) = (root(groups[pair.first]), root(groups[pair.second]))
            if left != right { joined[max(left, right)] = min(left, right) }
        }
        return groups.map(root)
    }

    /// Splits pictures by their groups.
    ///
    /// The groups, in an order drawn by the seed and their names, fill the test set until it has its
    /// share of the pictures, then the validation set; the rest trains.
    ///
    /// - Parameters:
    ///   - groups: for each picture its group.
    ///   - seed: the seed.
    ///   - validation: the least share of the validation set.
    ///   - test: the least share of the test set.
    /// - Returns: for each picture its part.
    static func parts(
        _ groups: [String],
        seed: UInt64,
        validation: Double,
        test: Double
    ) -> [RecipePart] {
        let key = RandomKey(seed: seed).split("groups")
        let counts = groups.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        let order = counts.keys.sorted { left, right in
            (key.split(left).value, left) < (key.split(right).value, right)
        }
        var (filled, parts) = ([0, 0], [String: RecipePart]())
        for group in order {
            let count = counts[group] ?? 0
            if Double(filled[0]) < test * Double(groups.count) {
                parts[group] = .test
                filled[0] += count
            } else if Double(filled[1]) < validation * Double(groups.count) {
                parts[group] = .validation
                filled[1] += count
            }
        }
        return groups.map { parts[$0] ?? .train }
    }
}

extension ImageStack {
    /// Checks the sizes of pictures a table describes.
    func require(_ count: Int, side: Int, name: String) throws(ImageError) {
        guard self.count == count, height == side, width == side, channels == 3 else {
            throw ImageError(
                .imageSize,
                "images \"\(name)\": the sizes are not those the table tells of; expected "
                    + "\(count) x \(side) x \(side) x 3; received "
                    + "\(self.count) x \(height) x \(width) x \(channels)."
            )
        }
    }

    /// Reads photos, in colour and one size, and leaves out those that are missing or damaged.
    ///
    /// - Parameters:
    ///   - paths: PNG or JPEG files.
    ///   - side: the rows and columns they are resized to.
    ///   - name: what they are called in sentences.
    ///   - progress: told how far it is, and what was left out.
    /// - Returns: the pictures, and for each the position of its path.
    /// - Throws: ``ImageError`` of the first file when not one can be read.
    static func photos(
        _ paths: [String],
        side: Int,
        name: String,
        progress: (DatasetEvent) -> Void
    ) throws -> (pictures: ImageStack, rows: [Int]) {
        var (images, rows, failure) = ([Image](), [Int](), ImageError?.none)
        for (row, path) in paths.enumerated() {
            do throws(ImageError) {
                let image = try Image(path: path)
                images.append(image.rgb.resized(height: side, width: side))
                rows.append(row)
            } catch {
                failure = failure ?? error
            }
            guard row % 100 == 99 else { continue }
            progress(.progress(name, done: row + 1, total: paths.count, unit: "photos"))
        }
        if let failure {
            guard !rows.isEmpty else { throw failure }
            let missing = paths.count - rows.count
            progress(.note("\(name): \(missing) photos are left out; the first: \(failure)"))
        }
        return (try ImageStack(images), rows)
    }
}
