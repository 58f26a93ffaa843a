import MotetCore
import MotetGraph

/// For every element of images, its place among those of images with a frame around them.
private func placesInFrame(_ image: [Int], _ frame: Padding2D) -> [Int] {
    let height = frame.top + image[1] + frame.bottom
    let width = frame.left + image[2] + frame.right
    return (0..<image.reduce(1, *)).map { index in
        let c = index % image[3]
        let column = index / image[3] % image[2] + frame.left
        let row = index / image[3] / image[2] % image[1] + frame.top
        let b = index / image[3] / image[2] / image[1]
        return ((b * height + row) * width + column) * image[3] + c
    }
}

extension Pad2D: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, image) = (inputs[0].doubles, inputs[0].shape)
        let shape = [
            image[0], padding.top + image[1] + padding.bottom,
            padding.left + image[2] + padding.right, image[3],
        ]
        var y = [Double](repeating: 0, count: shape.reduce(1, *))
        for (index, place) in placesInFrame(image, padding).enumerated() { y[place] = x[index] }
        return [Tensor(rounding: y, shape: shape)]
    }
}

extension Crop2D: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, whole) = (inputs[0].doubles, inputs[0].shape)
        let shape = [
            whole[0], whole[1] - frame.top - frame.bottom, whole[2] - frame.left - frame.right,
            whole[3],
        ]
        return [Tensor(rounding: placesInFrame(shape, frame).map { x[$0] }, shape: shape)]
    }
}

extension SpatialDropout: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let mask = key.split(inputs[1].integer)
        let scale = 1 / (1 - Double(rate))
        let (shape, channels) = (inputs[0].shape, inputs[0].units)
        let row = shape.dropFirst().reduce(1, *)
        let made = inputs[0].doubles.enumerated().map { index, element in
            let channel = index / row * channels + index % channels
            let uniform = Float(mask.bits(channel) >> 40) * 0x1p-24
            return uniform >= rate ? element * scale : 0
        }
        return [Tensor(rounding: made, shape: shape)]
    }
}
