import MotetGraph

/// Losses of boxes: outputs and labels are `[B, 4]`, `x0, y0, x1, y1`; `BoxCorners` makes such from
/// centres and sizes.
extension Loss {
    /// The mean over the four numbers of a box of the Huber loss, in any coordinates.
    ///
    /// - Parameter delta: the distance up to which it is squared; 1 is the smooth L1 loss.
    /// - Returns: the loss.
    public static func boxHuber(delta: Float = 1) -> Loss {
        Loss(kind: .box(.huber(delta: delta)))
    }

    /// `1 - IoU`: without a gradient where boxes do not meet.
    public static let iou = Loss(kind: .box(.iou))

    /// `1 - GIoU`: draws boxes that do not meet towards each other.
    public static let giou = Loss(kind: .box(.giou))
}
